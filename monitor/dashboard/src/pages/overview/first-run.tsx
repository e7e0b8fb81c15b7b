import './first-run.css';
import { useEffect, useState } from 'preact/hooks';
import { addressHash } from '../../app/address.ts';
import { ask, post } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { Prose } from '../../kit/prose.tsx';
import { Trouble } from '../settings/parts.tsx';
import { refusalText } from '../settings/refusal-text.ts';
import { testedText } from '../settings/test-button.tsx';
import { useHub } from '../settings/use-hub.ts';
import { tf } from './first-run-texts.ts';

const REFRESH_MS = 15_000;

type ItemKey = 'owner' | 'gateway' | 'values' | 'receiver' | 'test' | 'plan' | 'backup';

interface State {
  readonly items: readonly { readonly key: ItemKey; readonly done: boolean }[];
  readonly dismissed: { readonly by: string; readonly at: number } | null;
}

/** Where each is done; the test is done here, and a backup on the hub's machine. */
const PLACES = {
  owner: addressHash({ page: 'settings', rest: ['users'] }),
  gateway: addressHash({ page: 'connect' }),
  values: addressHash({ page: 'gateways' }),
  receiver: addressHash({ page: 'settings', rest: ['notify'] }),
  plan: addressHash({ page: 'plan' }),
} as const satisfies Partial<Record<ItemKey, string>>;

/** What a new hub still needs, for whoever administers it. Gone when all is done, or put away. */
export function FirstRun({ isDemo }: { readonly isDemo: boolean }) {
  const { held, problem, load, act } = useHub<State>('/first-run');
  const [isOpened, setOpened] = useState<boolean | undefined>(undefined);
  // Where there is nothing else to see, it is open.
  const isOpen = isOpened ?? held?.items.some(({ key, done }) => key === 'gateway' && !done) ?? false;
  const left = held && held.dismissed === null ? held.items.filter(({ done }) => !done).length : 0;
  useEffect(() => (left > 0 ? every(REFRESH_MS, () => void load()) : undefined), [left > 0]);
  return (
    <>
      {isDemo ? (
        <p class="demo-lead small">
          {tf('demo')} <a href={PLACES.gateway}>{tf('demo.go')}</a>
        </p>
      ) : null}
      {held && left > 0 ? (
        <details class="card first-run" open={isOpen} onToggle={(event) => setOpened(event.currentTarget.open)}>
          <summary>{tf('title', { n: held.items.length - left, all: held.items.length })}</summary>
          {isOpen ? (
            <>
              <Trouble text={problem} />
              <ul>
                {held.items.map((item) => (
                  <Item key={item.key} {...{ item, load }} />
                ))}
              </ul>
              <button
                type="button"
                class="plain"
                onClick={() => void act(() => post('/first-run/dismiss', { dismissed: true }))}
              >
                {tf('dismiss')}
              </button>
            </>
          ) : null}
        </details>
      ) : null}
    </>
  );
}

interface ItemProps {
  readonly item: State['items'][number];
  readonly load: () => Promise<void>;
}

function Item({ item: { key, done }, load }: ItemProps) {
  const place = key === 'backup' || key === 'test' ? undefined : key;
  return (
    <li data-item={key} data-done={done}>
      <span class="sign" aria-hidden="true">
        {done ? '✓' : '○'}
      </span>
      <span class={done ? 'muted' : ''}>
        <Prose text={tf(`item.${key}`)} /> <span class="hidden">{done ? tf('done') : tf('open')}</span>
      </span>
      {!done && place ? <a href={PLACES[place]}>{tf(`go.${place}`)}</a> : null}
      {!done && key === 'test' ? <TestAll done={load} /> : null}
    </li>
  );
}

/** To every receiver, as the button beside each in the settings does. */
function TestAll({ done }: { readonly done: () => Promise<void> }) {
  const [told, setTold] = useState<readonly string[]>([]);
  const test = async () => {
    try {
      const { receivers } = await ask<{ receivers: readonly { name: string }[] }>('/notify/receivers');
      if (receivers.length === 0) return setTold([tf('test.none')]);
      setTold(await Promise.all(receivers.map(async ({ name }) => `${name}: ${await testedText(name)}`)));
      await done();
    } catch (error) {
      setTold([refusalText(error)]);
    }
  };
  return (
    <span>
      <button type="button" class="act" onClick={() => void test()}>
        {tf('test')}
      </button>{' '}
      <span class="muted small">{tf('test.hint')}</span>
      <span role="status" class="small">
        {told.join(' · ')}
      </span>
    </span>
  );
}
