/**
 * Every failure we expect, what happens next, and what a person should do. `docs/faults.md` is checked against this table
 * in both directions.
 *
 * `wire` is the number of a fault in a frame. It is pinned for ever: never renumber, never reuse.
 */

/** retry: again at the next due time. skip: this item only. reconnect: the line or session is opened anew. stop: the process ends. */
export type Recovery = 'retry' | 'skip' | 'reconnect' | 'stop';

type FaultEntry = {
  readonly recovery: Recovery;
  readonly wire?: number;
  readonly text: string;
  readonly action: string;
};

export const FAULTS = {
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
    text: 'The device has no such register (exception 2)',
    action: 'Check the register; document numbers are one above the wire',
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
  'bad-text': {
    recovery: 'retry',
    wire: 36,
    text: 'The line of text does not have the expected form',
    action: "Compare the device's output with `match` or `columns` in the profile",
  },

  // Settings and usage.
  'settings-invalid': {
    recovery: 'stop',
    text: 'The configuration has problems',
    action: 'Correct the lines named; `sluice check -c FILE` shows them all',
  },
  'file-missing': { recovery: 'stop', text: 'A file cannot be read', action: 'Check the path and its permissions' },
  usage: { recovery: 'stop', text: 'The command was called wrongly', action: 'See `sluice --help`' },
  'port-taken': {
    recovery: 'skip',
    text: 'The TCP port is in use by another program',
    action: 'Choose another port, or stop the other program',
  },
  'already-running': {
    recovery: 'stop',
    text: 'Another process uses this data directory',
    action: 'Stop it, or choose another `dataDir`',
  },
  'not-running': {
    recovery: 'stop',
    text: 'No process answers for this data directory',
    action: 'Start it first, or check --data',
  },

  // The journal.
  'journal-missing': {
    recovery: 'stop',
    text: 'The journal was provisioned but its files are gone or incomplete',
    action: 'Restore the data directory; to begin a new journal on purpose, remove the file `provisioned`',
  },
  'journal-write': {
    recovery: 'reconnect',
    text: 'Writing to the journal failed; it is opened anew',
    action: 'Check the disk: `dmesg`, free space, read-only mounts',
  },
  'frame-damaged': {
    recovery: 'skip',
    text: 'A stored frame fails its checksum; it is set aside and declared lost',
    action: 'Replace the card: it flips bits',
  },

  // The frame and the sync.
  'frame-malformed': {
    recovery: 'skip',
    text: 'A frame breaks the format or its bounds',
    action: 'Update the older side; report it if both are current',
  },
  'no-session': {
    recovery: 'retry',
    text: 'The hub does not know this session',
    action: 'Nothing: the gateway says hello again by itself',
  },
  'out-of-sequence': {
    recovery: 'retry',
    text: "A frame does not follow the hub's cursor",
    action: 'Nothing: the gateway goes back to the cursor by itself',
  },
  'chain-mismatch': {
    recovery: 'retry',
    text: 'A frame does not continue the history the hub has',
    action: 'See whether this gateway was cloned or restored from an image',
  },
  'catalogue-missing': {
    recovery: 'retry',
    text: 'The hub lacks the catalogue a frame refers to',
    action: 'Nothing: the hub asks for it',
  },
  'identity-held': {
    recovery: 'retry',
    text: 'Another live gateway has this identity, with another history',
    action: 'Find the copy; enrol one of the two under a new id',
  },
  'message-malformed': {
    recovery: 'skip',
    text: 'A message breaks its schema',
    action: 'Update the older side; report it if both are current',
  },
  'hub-unreachable': {
    recovery: 'reconnect',
    text: 'The hub cannot be reached',
    action: 'Check link, address, DNS and firewall; readings are kept until then',
  },
  'hub-refused': {
    recovery: 'reconnect',
    text: 'The hub refused this gateway',
    action: 'Check the certificate and whether it was revoked; join again with a new token',
  },
  'archive-write': {
    recovery: 'retry',
    text: 'The hub could not store; it stops acknowledging and tries again',
    action: "Check the hub's disk",
  },

  'archive-newer': {
    recovery: 'stop',
    text: 'The archive was written by a newer release',
    action: 'Update this program, or restore a backup made by this release',
  },
  'fault-unknown': {
    recovery: 'skip',
    text: 'The gateway names a fault that this hub does not know',
    action: 'Update the hub: it is older than the gateway',
  },

  // Identity and access.
  'not-enrolled': {
    recovery: 'stop',
    text: 'This gateway has no certificate yet',
    action: 'Create a token at the hub (`sluice token create`) and run `sluice join`',
  },
  'token-refused': {
    recovery: 'stop',
    text: 'The join token is wrong, used, expired or for another gateway',
    action: 'Create a new one with `sluice token create`',
  },
  'csr-refused': {
    recovery: 'stop',
    text: 'The certificate request cannot be signed',
    action: 'Join with `sluice join`: it makes an EC P-256 key and signs the request with it',
  },
  'key-exposed': {
    recovery: 'stop',
    text: 'A private key can be read by other users of this machine',
    action: 'Run `chmod 600` on the file named, and find out who read it',
  },
  'hub-untrusted': {
    recovery: 'reconnect',
    text: "The hub's certificate does not fit its address, its CA or the time",
    action: "Check `hub.url`, `names:` in hub.yaml, and this machine's clock",
  },
  'ca-mismatch': {
    recovery: 'stop',
    text: "The hub's CA is not the one the token names",
    action: "Check the hub's address: this may be another machine posing as the hub",
  },
  'login-refused': {
    recovery: 'retry',
    text: 'Name or password is wrong, or too many attempts',
    action: 'Wait as long as the answer says; `sluice user passwd` sets a new password',
  },
  'login-needed': {
    recovery: 'skip',
    text: 'This needs a login or an API key',
    action: 'Log in, or send `Authorization: Bearer KEY`; `sluice apikey create` makes a key',
  },
  forbidden: {
    recovery: 'skip',
    text: 'Your role does not allow this',
    action: 'Ask an administrator of this hub',
  },
  'request-foreign': {
    recovery: 'skip',
    text: 'The request names a host or comes from a page that is not this hub',
    action: 'Open the hub by a name listed under `names:` in hub.yaml',
  },
  'request-invalid': {
    recovery: 'skip',
    text: 'The request has problems',
    action: 'Correct what is named; /api/v1/openapi.json describes every call',
  },
  'not-found': { recovery: 'skip', text: 'There is no such thing', action: 'Check the name' },
} as const satisfies Record<string, FaultEntry>;

export type FaultCode = keyof typeof FAULTS;

/** An expected failure. Decisions are made on `code` through the table, never on messages. */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${FAULTS[code].text}: ${detail}` : FAULTS[code].text, options);
    this.name = 'Fault';
    this.code = code;
  }

  get recovery(): Recovery {
    return FAULTS[this.code].recovery;
  }

  get action(): string {
    return FAULTS[this.code].action;
  }
}

/** Is it an expected failure, of one of these codes if any are named? */
export function isFault(error: unknown, ...codes: FaultCode[]): error is Fault {
  return error instanceof Fault && (codes.length === 0 || codes.includes(error.code));
}

/** The code of an expected failure; anything else is a programming mistake and is thrown on. */
export function faultCodeOf(error: unknown): FaultCode {
  if (error instanceof Fault) return error.code;
  throw error;
}

const byWire = new Map<number, FaultCode>();
for (const code of Object.keys(FAULTS) as FaultCode[]) {
  const entry: FaultEntry = FAULTS[code];
  if (entry.wire !== undefined) byWire.set(entry.wire, code);
}

/** The number of a reading's fault in a frame. A fault without one is a programming mistake here. */
export function faultToWire(code: FaultCode): number {
  const { wire }: FaultEntry = FAULTS[code];
  if (wire === undefined) throw new TypeError(`fault ${code} cannot stand in a reading`);
  return wire;
}

/** Undefined for a number this release does not know: a newer edge wrote it. */
export function findFaultByWire(wire: number): FaultCode | undefined {
  return byWire.get(wire);
}
