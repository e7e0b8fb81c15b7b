import type { FaultEntry } from './fault-entry.ts';

/**
 * Faults that can stand in a reading, in place of a value. `wire` is a fault's number in a frame: pinned for ever, never
 * renumbered, never used again.
 */
export const READING_FAULTS = {
  // The line and the device on it.
  'no-answer': {
    recovery: 'retry',
    wire: 1,
    text: 'The device did not answer in time',
    action: 'Check power, wiring, unit id, speed and parity; raise `timeout` for a slow device',
  },
  garbled: {
    recovery: 'retry',
    wire: 2,
    text: 'The answer failed its checksum or its form',
    action: 'Check termination, shielding, speed and parity; look for two devices with one unit id',
  },
  'line-closed': {
    recovery: 'reconnect',
    wire: 3,
    text: 'The connection to the line broke',
    action: 'Check the cable or the device server; it is opened again by itself',
  },
  'port-missing': {
    recovery: 'reconnect',
    wire: 4,
    text: 'The serial port does not exist',
    action: 'Plug the adapter in; name it by /dev/serial/by-id so that it is found again',
  },
  'port-denied': {
    recovery: 'reconnect',
    wire: 5,
    text: 'No permission to open the serial port',
    action: 'Add the user to the group `dialout` and log in again',
  },
  'port-busy': {
    recovery: 'reconnect',
    wire: 6,
    text: 'Another program holds the port',
    action: 'Stop the other program; `fuser PORT` names it',
  },
  'connection-refused': {
    recovery: 'reconnect',
    wire: 7,
    text: 'The host refused the connection',
    action: 'Check address and port; many devices allow one connection only',
  },
  'host-unreachable': {
    recovery: 'reconnect',
    wire: 8,
    text: 'The host cannot be reached',
    action: 'Check address, cable, VLAN and firewall',
  },
  'speed-fixed': {
    recovery: 'skip',
    wire: 12,
    text: 'The line behind the device server cannot change its speed',
    action:
      'Set server and `baudRate` to the speed that the device asks for, or `followsSpeed: true` if the server finds it',
  },

  // The device says no [MODBUS Application Protocol V1.1b3, 7].
  'illegal-function': {
    recovery: 'skip',
    wire: 16,
    text: 'The device does not know this function code (exception 1)',
    action: 'Check `table` in the profile: holding and input registers differ',
  },
  'illegal-address': {
    recovery: 'skip',
    wire: 17,
    text: 'The device has no such register or data (exception 2)',
    action: 'Check the register, or the code of the data; document numbers of registers are one above the wire',
  },
  'illegal-value': {
    recovery: 'skip',
    wire: 18,
    text: 'The device refuses the value or the length (exception 3)',
    action: 'Check the range, or lower `limits.registers` in the profile',
  },
  'device-failure': {
    recovery: 'retry',
    wire: 19,
    text: 'The device failed while it answered (exception 4)',
    action: "Read the device's own display; restart it if this lasts",
  },
  'device-busy': {
    recovery: 'retry',
    wire: 20,
    text: 'The device is busy (exceptions 5 and 6)',
    action: 'Poll it less often',
  },
  'gateway-path': {
    recovery: 'retry',
    wire: 21,
    text: 'The device server has no path to the line (exception 10)',
    action: 'Check the settings of the device server',
  },
  'gateway-target': {
    recovery: 'retry',
    wire: 22,
    text: 'The device behind the device server did not answer (exception 11)',
    action: "Check the device's power, wiring and unit id",
  },
  'exception-other': {
    recovery: 'retry',
    wire: 23,
    text: 'The device answered with another exception code',
    action: "Look the code up in the device's manual; the log names it",
  },
  'access-denied': {
    recovery: 'skip',
    wire: 28,
    text: 'The device does not tell this without a password or a key',
    action: 'Set the device to give it openly, or remove the point',
  },

  // The value.
  'no-value': {
    recovery: 'retry',
    wire: 32,
    text: 'The device says it has no value for this point',
    action: 'Often a sensor that is not fitted; remove the point if so',
  },
  'not-a-number': {
    recovery: 'retry',
    wire: 33,
    text: 'The device sent NaN or infinity',
    action: 'Check type and byte order of the point',
  },
  'out-of-range': {
    recovery: 'retry',
    wire: 34,
    text: 'The value lies outside the range the profile allows',
    action: 'Check the sensor, or widen `valid` in the profile',
  },
  'value-too-large': {
    recovery: 'retry',
    wire: 35,
    text: 'The integer is beyond ±2^53 and cannot be kept exactly',
    action: 'Check type and byte order; read it as two 32-bit points if it is real',
  },
  unstable: {
    recovery: 'retry',
    wire: 46,
    text: 'The value has not come to rest',
    action: 'Wait; if it lasts, look for draught, vibration or a load that swings',
  },
  overload: {
    recovery: 'retry',
    wire: 47,
    text: 'The instrument is above or below its range',
    action: 'Take the load off, or zero the instrument',
  },
  'wrong-unit': {
    recovery: 'skip',
    wire: 45,
    text: "The device shows the value in another unit than the point's",
    action: 'Set the device to the unit of the profile, or the point to that of the device',
  },
  'unexpected-data': {
    recovery: 'skip',
    wire: 44,
    text: 'The data has another length or form than the profile says',
    action: "Compare `address` with the device's manual",
  },
  'bad-text': {
    recovery: 'retry',
    wire: 36,
    text: 'The line of text does not have the expected form',
    action: "Compare the device's output with `match` or `columns` in the profile",
  },
  'no-scale': {
    recovery: 'retry',
    wire: 40,
    text: 'The device gives no scale factor for this value',
    action: 'Check `scaleFrom`; a device that leaves the factor out does not measure this value',
  },
  'no-result': {
    recovery: 'retry',
    wire: 41,
    text: 'The formula has no result for these values',
    action: 'Guard it against a division by 0, such as x == 0 ? 0 : y / x',
  },
  'counter-jump': {
    recovery: 'retry',
    wire: 42,
    text: 'The counter shows what it cannot have counted in the time',
    action:
      'After three readings that agree, another meter is taken to count here; raise `mostPerHour` if this is the same one',
  },
} as const satisfies Record<string, FaultEntry & { readonly wire: number }>;
