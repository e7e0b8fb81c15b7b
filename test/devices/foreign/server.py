"""Modbus servers that are not ours, with registers that test/devices/interop.test.ts knows.

    server.py pymodbus tcp|rtu-over-tcp     units 1 and 2
    server.py libmodbus tcp                 any unit
    server.py libmodbus DEVICE              unit 1 on a serial port, 19200 baud, no parity

Says `port N` or `ready` once it serves. libmodbus is called by way of ctypes: that needs no compiler.
"""

import ctypes
import socket
import struct
import sys

BITS = 2100
REGISTERS = 300

coils = [int(i % 3 == 0) for i in range(BITS)]
discrete = [int(i % 5 == 0) for i in range(BITS)]
inputs = [60000 - i for i in range(REGISTERS)]


def holding(unit):
    words = [7 * i + 1000 * (unit - 1) for i in range(REGISTERS)]
    words[200:202] = struct.unpack(">HH", struct.pack(">f", 230.5))
    words[202:204] = reversed(struct.unpack(">HH", struct.pack(">f", -17.25)))
    return words


def serve_pymodbus(how):
    import asyncio

    from pymodbus.datastore import ModbusSequentialDataBlock as Block
    from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext
    from pymodbus.server.async_io import ModbusTcpServer
    from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

    def unit(number):
        return ModbusSlaveContext(
            co=Block(0, list(coils)),
            di=Block(0, list(discrete)),
            ir=Block(0, list(inputs)),
            hr=Block(0, holding(number)),
            zero_mode=True,
        )

    async def run():
        context = ModbusServerContext(slaves={1: unit(1), 2: unit(2)}, single=False)
        framer = ModbusSocketFramer if how == "tcp" else ModbusRtuFramer
        server = ModbusTcpServer(context, framer, address=("127.0.0.1", 0))
        serving = asyncio.ensure_future(server.serve_forever())
        await server.serving
        print("port", server.server.sockets[0].getsockname()[1], flush=True)
        await serving

    asyncio.run(run())


class Mapping(ctypes.Structure):
    """modbus_mapping_t of modbus.h."""

    _fields_ = [
        (name, ctypes.c_int)
        for name in (
            "nb_bits",
            "start_bits",
            "nb_input_bits",
            "start_input_bits",
            "nb_input_registers",
            "start_input_registers",
            "nb_registers",
            "start_registers",
        )
    ] + [
        ("tab_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_registers", ctypes.POINTER(ctypes.c_uint16)),
        ("tab_registers", ctypes.POINTER(ctypes.c_uint16)),
    ]


def serve_libmodbus(where):
    lib = ctypes.CDLL("libmodbus.so.5")
    for make in (lib.modbus_new_tcp, lib.modbus_new_rtu):
        make.restype = ctypes.c_void_p
    lib.modbus_mapping_new.restype = ctypes.POINTER(Mapping)
    mapping = lib.modbus_mapping_new(BITS, BITS, REGISTERS, REGISTERS)
    held = mapping.contents
    for table, values in (
        (held.tab_bits, coils),
        (held.tab_input_bits, discrete),
        (held.tab_input_registers, inputs),
        (held.tab_registers, holding(1)),
    ):
        for i, value in enumerate(values):
            table[i] = value
    query = (ctypes.c_uint8 * 260)()

    def answer(context):
        """Until the client leaves."""
        while True:
            length = lib.modbus_receive(context, query)
            if length < 0:
                return
            if length > 0:
                lib.modbus_reply(context, query, length, mapping)

    if where == "tcp":
        context = ctypes.c_void_p(lib.modbus_new_tcp(b"127.0.0.1", 0))
        listening = socket.socket(fileno=lib.modbus_tcp_listen(context, 1))
        print("port", listening.getsockname()[1], flush=True)
        number = ctypes.c_int(listening.fileno())
        while lib.modbus_tcp_accept(context, ctypes.byref(number)) >= 0:
            answer(context)
            lib.modbus_close(context)
    else:
        context = ctypes.c_void_p(lib.modbus_new_rtu(where.encode(), 19200, ctypes.c_char(b"N"), 8, 1))
        lib.modbus_set_slave(context, 1)
        if lib.modbus_connect(context) < 0:
            sys.exit("libmodbus cannot open " + where)
        print("ready", flush=True)
        while True:
            answer(context)


program, where = sys.argv[1:3]
serve_pymodbus(where) if program == "pymodbus" else serve_libmodbus(where)
