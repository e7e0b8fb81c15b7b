import { useState } from 'preact/hooks';
import { whyOf } from '../alarms/notify-texts.ts';
import { testReceiver } from './notify-api.ts';
import { tw } from './notify-texts.ts';
import { refusalText } from './refusal-text.ts';

/** Sends a test to a receiver and tells, beside it, what became of it. */
export function TestButton({ name, done }: { readonly name: string; readonly done?: () => void }) {
  const [answer, setAnswer] = useState('');
  const test = async () => {
    setAnswer(tw('testing'));
    setAnswer(await testedText(name));
    done?.();
  };
  return (
    <span class="acts tested">
      <span role="status" class="small" data-tested={name}>
        {answer}
      </span>
      <button type="button" class="act" aria-label={`${tw('test')}: ${name}`} onClick={() => void test()}>
        {tw('test')}
      </button>
    </span>
  );
}

/** In words. */
export async function testedText(name: string): Promise<string> {
  try {
    const { state, error } = await testReceiver(name);
    return state === 'delivered' ? tw('test.delivered') : tw('test.failed', { why: whyOf(error ?? '') });
  } catch (error) {
    return tw('test.failed', { why: refusalText(error) });
  }
}
