/** Next number by epoch. */
export type Journalled = Map<string, number>;

/** `from` <= number < `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What a gateway said to be on its disk, gathered outside of all that can fail. */
export class Reports {
  readonly journalled: Journalled = new Map();
  /** Numbers that were passed over without a word. A record that a killed process did not report any more may stand there. */
  readonly leaps = new Map<string, Range[]>();
  /** Numbers said to be on disk a second time: what stood there the first time is gone, whatever the hub has. */
  reused = 0;

  /** The gateway said that `from` to `next` are on disk. */
  add(epoch: string, from: number, next: number): void {
    const known = this.journalled.get(epoch) ?? 0;
    this.reused += Math.max(0, known - from);
    if (from > known) this.leaps.set(epoch, [...(this.leaps.get(epoch) ?? []), { from: known, to: from }]);
    this.journalled.set(epoch, Math.max(known, next));
  }

  /** The old epoch ends where it parted; what stood behind that has moved to the new one. */
  part(epoch: string, at: number, to: string, moved: number): void {
    this.journalled.set(epoch, at);
    this.journalled.set(to, Math.max(moved, this.journalled.get(to) ?? 0));
  }

  /** Said at a start: what stood behind `at` has moved to the newest epoch if the process before died while it parted. */
  end(epoch: string, at: number, newest: string): void {
    const moved = (this.journalled.get(epoch) ?? 0) - at;
    if (moved > 0) this.part(epoch, at, newest, moved);
  }

  /** An older state of the card is back: what was journalled since is known to nobody. */
  forget(journalled: ReadonlyMap<string, number>): void {
    this.journalled.clear();
    for (const [epoch, next] of journalled) this.journalled.set(epoch, next);
  }
}

/** What a hub's archive came to, beside what the gateway reported. */
export interface Counts {
  /** Records the gateway said it had on disk. */
  readonly journalled: number;
  /** Records of those that the hub has. */
  readonly stored: number;
  /** Records of those that the hub lists as lost. */
  readonly declared: number;
  /** Numbers that the hub lists as lost though no record was ever reported there. */
  readonly unreported: number;
  /** Numbers below the hub's cursor, or said to be journalled, that are neither stored nor declared lost. */
  readonly undeclared: number;
  readonly twice: number;
  /** Values that belong to another point. */
  readonly misplaced: number;
  /** Readings of a point that do not follow the one before in their journal. */
  readonly disordered: number;
  /** Numbers declared lost that the hub has. */
  readonly falselyDeclared: number;
}
