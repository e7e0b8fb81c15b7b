import './commands.css';
import { useEffect, useState } from 'preact/hooks';
import { address, addressHash } from '../../app/address.ts';
import { ask } from '../../data/api.ts';
import { every } from '../../data/clock.ts';
import { formatTime } from '../../data/format.ts';
import { t, titleOf } from '../../data/i18n.ts';
import { devices, points, zoneOf } from '../../data/store.ts';
import { Outcome, shownValue } from './outcome.tsx';
import { tc } from './texts.ts';
import { type Command, isOver, whyNot } from './write-data.ts';

interface Listed {
  readonly commands: readonly Command[];
  readonly cursor: string | null;
}

const LOOK_EVERY_MS = 2000;

/** Who had what written where, and what became of it. */
export function CommandsPage() {
  const { gateway, place } = address.value.query;
  const query = new URLSearchParams({ ...(gateway ? { gateway } : {}), ...(place ? { place } : {}) }).toString();
  return (
    <div class="commands">
      {gateway ? (
        <p>
          <strong>{[gateway, place].filter(Boolean).join('/')}</strong>{' '}
          <a href={addressHash({ page: 'commands' })}>{tc('all')}</a>
        </p>
      ) : null}
      <List key={query} query={query} />
    </div>
  );
}

function List({ query }: { readonly query: string }) {
  const [newest, setNewest] = useState<Listed | undefined>(undefined);
  const [older, setOlder] = useState<readonly Listed[]>([]);
  const [problem, setProblem] = useState('');
  const load = () => {
    ask<Listed>(`/commands?${query}`).then(
      (listed) => {
        setNewest(listed);
        setProblem('');
      },
      (error: unknown) => setProblem(whyNot(error)),
    );
  };
  useEffect(() => {
    load();
    return every(LOOK_EVERY_MS, load);
  }, []);
  if (newest === undefined)
    return problem ? (
      <p role="alert">{problem}</p>
    ) : (
      <div class="card skeleton" role="status" aria-label={t('state.loading')} />
    );
  if (newest.commands.length === 0)
    return (
      <div class="card hint" data-commands="none">
        <strong>{tc('none')}</strong>
        <p>{tc('none.hint')}</p>
      </div>
    );
  const cursor = (older.at(-1) ?? newest).cursor;
  const all = unique([newest, ...older].flatMap(({ commands }) => commands));
  const more = () =>
    ask<Listed>(`/commands?${query}&cursor=${cursor}`).then(
      (listed) => setOlder((held) => [...held, listed]),
      (error: unknown) => setProblem(whyNot(error)),
    );
  return (
    <>
      <p role="alert">{problem}</p>
      <ol class="card command-list">
        {all.map((command) => (
          <Line key={command.id} command={command} />
        ))}
      </ol>
      {cursor ? (
        <button type="button" class="act" onClick={() => void more()}>
          {tc('more')}
        </button>
      ) : null}
    </>
  );
}

/** While a page is open new ones come in front, and move others to what was asked for before. */
function unique(commands: readonly Command[]): readonly Command[] {
  return [...new Map(commands.map((command) => [command.id, command])).values()];
}

function Line({ command }: { readonly command: Command }) {
  const [gateway = '', device = '', name = ''] = command.point.split('/');
  const point = points.value?.find(({ id }) => id === command.point);
  const machine = devices.value.find(({ id }) => id === `${gateway}/${device}`);
  return (
    <li data-command={command.id} data-over={isOver(command)}>
      <span class="muted small">
        {formatTime(command.madeAt, zoneOf(gateway))} · {command.by || '–'}
      </span>
      <span>
        <a href={addressHash({ page: 'equipment', rest: [gateway, device] })}>
          {titleOf(machine?.title ?? {}, device)}
        </a>{' '}
        {titleOf(point?.title ?? {}, name)}:{' '}
        <strong>
          {shownValue(point, command.before)} → {shownValue(point, command.value)}
        </strong>
      </span>
      <Outcome command={command} point={point} />
    </li>
  );
}
