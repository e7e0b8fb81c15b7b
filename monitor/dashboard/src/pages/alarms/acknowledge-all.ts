import { say } from '../../app/said.ts';
import { loadAttention } from '../../data/alarm-store.ts';
import { type Alarm, post } from '../../data/api.ts';
import { titleOf } from '../../data/i18n.ts';
import { ta } from './alarm-texts.ts';
import { codeText, whyNot } from './why-not.ts';

interface Answer {
  readonly alarms: readonly Alarm[];
  readonly refused: readonly { readonly id: string; readonly code: string }[];
}

/** So many are named; the others still stand in the list. */
const MOST_NAMED = 3;

/** Says what became of it: an alarm may have changed since it was shown. */
export async function acknowledgeAll(alarms: readonly Alarm[]): Promise<void> {
  try {
    const done = await post<Answer>('/alarms/ack', { ids: alarms.map(({ id }) => id) });
    say(saidOf(alarms, done));
  } catch (error) {
    say(ta('failed', { why: whyNot(error) }));
    return;
  }
  // Else the stream tells of it.
  await loadAttention().catch(() => {});
}

function saidOf(alarms: readonly Alarm[], { alarms: done, refused }: Answer): string {
  if (refused.length === 0) return ta('said.all', { n: done.length });
  const named = refused.slice(0, MOST_NAMED).map(({ id, code }) => {
    const alarm = alarms.find((each) => each.id === id);
    return `${alarm ? titleOf(alarm.text, alarm.rule) : id} (${codeText(code)})`;
  });
  const names = [...named, ...(refused.length > named.length ? ['…'] : [])].join(', ');
  return ta('said.some', { n: done.length, refused: refused.length, names });
}
