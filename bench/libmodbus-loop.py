"""Reads 125 holding registers as fast as libmodbus does, for so many seconds; prints requests a second."""
import ctypes
import sys
import time

port, seconds = int(sys.argv[1]), float(sys.argv[2])
modbus = ctypes.CDLL("libmodbus.so.5")
modbus.modbus_new_tcp.restype = ctypes.c_void_p
line = ctypes.c_void_p(modbus.modbus_new_tcp(b"127.0.0.1", port))
modbus.modbus_set_slave(line, 1)
if modbus.modbus_connect(line) != 0:
    sys.exit("no connection")
registers = (ctypes.c_uint16 * 125)()
began, count = time.monotonic(), 0
while time.monotonic() - began < seconds:
    if modbus.modbus_read_registers(line, 0, 125, registers) != 125:
        sys.exit("no answer")
    count += 1
print(count / (time.monotonic() - began))
