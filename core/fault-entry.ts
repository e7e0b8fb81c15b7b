/** retry: again at the next due time. skip: this item only. reconnect: the line or session is opened anew. stop: the process ends. */
export type Recovery = 'retry' | 'skip' | 'reconnect' | 'stop';

export interface FaultEntry {
  readonly recovery: Recovery;
  readonly wire?: number;
  /** What happened. */
  readonly text: string;
  /** What a person should do. */
  readonly action: string;
}
