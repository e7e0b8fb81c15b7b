/** A device in the making: what the steps of the page fill in. */
export interface Draft {
  /** The name of a line that the gateway has; undefined: `line` is a new one. */
  readonly known: string | undefined;
  readonly line: NewLine;
  readonly unitId: number;
  readonly profile: string;
  readonly name: string;
  readonly title: string;
  /** Seconds. */
  readonly every: number;
}

export interface NewLine {
  readonly kind: 'serial' | 'tcp';
  readonly name: string;
  /** Path of a serial port. */
  readonly port: string;
  /** `tcp://host:port` */
  readonly address: string;
  readonly baudRate: number;
  readonly parity: 'none' | 'even' | 'odd';
}

/** A line as the gateway told of it. */
export interface KnownLine {
  readonly name: string;
  readonly port: string;
  readonly driver: string;
}

export const SPEEDS: readonly number[] = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];
export const RHYTHMS: readonly number[] = [1, 2, 5, 10, 30, 60];
export const NAME = '[a-z0-9][a-z0-9._\\-]{0,62}';

export function newDraft(lines: readonly KnownLine[]): Draft {
  return {
    known: lines[0]?.name,
    line: { kind: 'serial', name: 'line-1', port: '', address: '', baudRate: 9600, parity: 'none' },
    unitId: 1,
    profile: '',
    ...{ name: '', title: '', every: 5 },
  };
}

/** As the configuration has it. */
export function lineOf({ known, line }: Draft, lines: readonly KnownLine[]): Readonly<Record<string, unknown>> {
  const there = lines.find(({ name }) => name === known);
  if (there) return { name: there.name, driver: there.driver, port: there.port };
  const { kind, name, port, address, baudRate, parity } = line;
  return kind === 'tcp'
    ? { name, driver: 'modbus-tcp', port: address }
    : { name, driver: 'modbus-rtu', port, baudRate, parity };
}

export function deviceOf(
  { known, line, unitId, profile, name, title, every }: Draft,
  language: string,
): Readonly<Record<string, unknown>> {
  return {
    name,
    channel: known ?? line.name,
    unitId,
    profile,
    every: `${every}s`,
    ...(title.trim() === '' ? {} : { title: { [language]: title.trim() } }),
  };
}

export function hasLine({ known, line }: Draft): boolean {
  if (known !== undefined) return true;
  return line.name !== '' && (line.kind === 'tcp' ? line.address.startsWith('tcp://') : line.port.startsWith('/'));
}

export function isReady(draft: Draft): boolean {
  return hasLine(draft) && draft.profile !== '' && new RegExp(`^${NAME}$`).test(draft.name);
}

/** `eastron/sdm630` at 5: `sdm630-5` */
export function nameFor(profile: string, unitId: number): string {
  return `${profile.split('/').at(-1) ?? 'device'}-${unitId}`;
}
