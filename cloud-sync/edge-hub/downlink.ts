import type { Command, ConfigStand, Result } from '../protocol/downlink.ts';
import type { TwinStand } from '../protocol/twins.ts';
import type { WriteCommand } from '../protocol/writes.ts';

/** A text that the hub wants the gateway to have. */
export interface DesiredText {
  readonly version: number;
  readonly hash: string;
  readonly text: string;
}

/** What the session needs of whoever does what the hub wants. The gateway implements it. */
export interface Downlink {
  /** For `hello`. */
  stand(): ConfigStand;
  /** Which document of the twins is held, for `hello`. */
  twins(): TwinStand['held'];
  /** A session has begun. */
  welcomed(): void;
  /** Something that the hub asks for; undefined if there is none. */
  document(
    what: 'config' | 'schema' | 'twins',
    version: number | undefined,
  ): Promise<{ text: string; version: number } | undefined>;
  desired(what: 'config' | 'twins', document: DesiredText): void;
  /** It is answered by what the gateway tells, now or in a later session. Whether it has expired is looked at with what is known of it. */
  write(command: WriteCommand): void;
  /** An order that has not expired. `answer` does nothing once the connection is over. */
  command(command: Command, answer: (result: Result) => void): void;
  /** The hub has said something within a session: it is there. */
  heard(): void;
}
