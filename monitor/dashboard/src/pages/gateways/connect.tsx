import { useRef, useState } from 'preact/hooks';
import { GATEWAY_ID } from '../../../../../core/reading.ts';
import { post, Refusal } from '../../data/api.ts';
import { faultText } from '../../data/i18n.ts';
import { session } from '../../data/store.ts';
import { Prose } from '../../kit/prose.tsx';
import { tg } from './texts.ts';

/** From nothing to a gateway that sends: a token, and two lines to paste. */
export function Connect() {
  const held = session.value;
  const isAdmin = held.state === 'in' && held.me.role === 'admin';
  return (
    <section class="card connect" aria-labelledby="connect">
      <h2 id="connect">{tg('connect')}</h2>
      {isAdmin ? (
        <Form />
      ) : (
        <p class="muted">
          <Prose text={tg('connect.who', { command: '`sluice token create`' })} />
        </p>
      )}
    </section>
  );
}

interface Made {
  readonly id: string;
  readonly lines: string;
}

function Form() {
  const [id, setId] = useState('');
  const [hub, setHub] = useState(location.origin);
  const [made, setMade] = useState<Made | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const make = async (event: Event) => {
    event.preventDefault();
    setProblem('');
    try {
      const { token } = await post<{ token: string }>('/tokens', { gateway: id, ttl: '24h' });
      setMade({ id, lines: commands({ hub, token, id }) });
    } catch (error) {
      setProblem(
        error instanceof Refusal ? tg('refused', { why: faultText(error.code, undefined).text }) : tg('unreachable'),
      );
    }
  };
  return (
    <>
      <form onSubmit={(event) => void make(event)}>
        <label>
          <span>{tg('connect.id')}</span>
          <input
            required
            pattern={GATEWAY_ID.source}
            title={tg('connect.id.hint')}
            value={id}
            onInput={(event) => setId(event.currentTarget.value)}
          />
          <span class="muted small">{tg('connect.id.hint')}</span>
        </label>
        <label>
          <span>{tg('connect.hub')}</span>
          <input required type="url" value={hub} onInput={(event) => setHub(event.currentTarget.value)} />
        </label>
        <button type="submit" class="act">
          {tg('connect.make')}
        </button>
      </form>
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      {made ? <Commands key={made.lines} lines={made.lines} /> : null}
    </>
  );
}

/** Made of what was checked: an id of letters, an address without a quote, a token of the hub. */
function commands({ hub, token, id }: { readonly hub: string; readonly token: string; readonly id: string }): string {
  const url = new URL(hub).origin;
  return `sluice join --hub ${url} --token ${token} --id ${id}\nsluice gateway -c gateway.yaml`;
}

function Commands({ lines }: { readonly lines: string }) {
  const element = useRef<HTMLPreElement>(null);
  const [told, setTold] = useState('');
  const copy = async () => {
    try {
      // There is no clipboard on a page that came without TLS.
      await navigator.clipboard.writeText(lines);
      setTold(tg('copied'));
    } catch {
      if (element.current) getSelection()?.selectAllChildren(element.current);
      setTold(tg('copy.failed'));
    }
  };
  return (
    <div class="commands">
      <p>{tg('connect.steps')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keys */}
      <section class="lines-to-paste" tabIndex={0} aria-label={tg('connect.commands')}>
        <pre ref={element}>{lines}</pre>
      </section>
      <p>
        <button type="button" class="act" onClick={() => void copy()}>
          {tg('copy')}
        </button>{' '}
        <span role="status">{told}</span>
      </p>
    </div>
  );
}
