import { ReceiverFault } from './channel.ts';

/** More of an answer is not read. */
const MOST_ANSWER_BYTES = 4096;
const LONGEST_WAIT_MS = 3_600_000;

/** `404 Not Found: no such hook`, and the body. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Posts a body and reads the beginning of the answer. Redirects are not followed: a message goes where it was configured to go.
 * Throws ReceiverFault; its text never holds the address, which may be a secret.
 */
export async function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      ...{ method: 'POST', body, signal, redirect: 'manual' },
      headers: { 'content-type': 'application/json', 'user-agent': 'sluice', ...headers },
    });
    text = await beginningOf(response);
  } catch (cause) {
    if (signal.aborted) throw new ReceiverFault('receiver-failed', 'no answer in time', { cause });
    throw new ReceiverFault('receiver-failed', reasonOf(cause), { cause });
  }
  if (response.ok) return { status: response.status, text };
  const detail = `answered ${response.status}${text === '' ? '' : `: ${text.slice(0, 200)}`}`;
  if (!isPassing(response.status)) throw new ReceiverFault('receiver-refused', detail);
  throw new ReceiverFault('receiver-failed', detail, { retryAfterMs: retryAfter(response) });
}

/** The other side may take it later: it is not the message that is wrong. */
function isPassing(status: number): boolean {
  return status >= 500 || [401, 403, 404, 408, 425, 429].includes(status);
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : undefined;
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < MOST_ANSWER_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  await reader.cancel();
  return Buffer.concat(chunks).subarray(0, MOST_ANSWER_BYTES).toString('utf8').trim();
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.name : 'failed');
}
