import { useRef, useState } from 'preact/hooks';
import { GATEWAY_ID } from '../../../../../core/reading.ts';
import { addressHash } from '../../app/address.ts';
import { post, Refusal } from '../../data/api.ts';
import { faultText } from '../../data/i18n.ts';
import { gateways, session } from '../../data/store.ts';
import { Prose } from '../../kit/prose.tsx';
import { administers } from '../settings/administers.ts';
import { tn } from './texts.ts';

/** From nothing to a gateway that sends: a token, a line to paste, and the wait for it. */
export function Connect() {
  const held = session.value;
  const isAdmin = held.state === 'in' && administers(held.me);
  return (
    <section class="card connect" aria-labelledby="connect">
      <h2 id="connect">{tn('connect')}</h2>
      {isAdmin ? (
        <Form />
      ) : (
        <p class="muted">
          <Prose text={tn('connect.who', { command: '`sluice token create`' })} />
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
        error instanceof Refusal ? tn('refused', { why: faultText(error.code, undefined).text }) : tn('unreachable'),
      );
    }
  };
  return (
    <>
      <form onSubmit={(event) => void make(event)}>
        <label>
          <span>{tn('connect.id')}</span>
          <input
            required
            pattern={GATEWAY_ID.source}
            title={tn('connect.id.hint')}
            value={id}
            onInput={(event) => setId(event.currentTarget.value)}
          />
          <span class="muted small">{tn('connect.id.hint')}</span>
        </label>
        <label>
          <span>{tn('connect.hub')}</span>
          <input required type="url" value={hub} onInput={(event) => setHub(event.currentTarget.value)} />
        </label>
        <button type="submit" class="act">
          {tn('connect.make')}
        </button>
      </form>
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      {made ? (
        <>
          <Commands key={made.lines} lines={made.lines} />
          <Waiting id={made.id} />
        </>
      ) : null}
    </>
  );
}

/** Made of what was checked: an id of letters, an address without a quote, a token of the hub. */
function commands({ hub, token, id }: { readonly hub: string; readonly token: string; readonly id: string }): string {
  const url = new URL(hub).origin;
  return `sluice join --hub ${url} --token ${token} --id ${id} --config gateway.yaml && sluice gateway -c gateway.yaml`;
}

/** It shows itself when it comes. */
function Waiting({ id }: { readonly id: string }) {
  const gateway = gateways.value?.find((each) => each.id === id);
  const isThere = gateway !== undefined && gateway.state !== 'offline';
  return (
    <p class="ways" role="status" data-waiting={isThere ? 'there' : id}>
      {tn(isThere ? 'connect.there' : 'connect.waits', { id })}
      {isThere ? (
        <a class="act" href={addressHash({ page: 'connect', rest: [id] })}>
          {tn('connect.next')}
        </a>
      ) : null}
    </p>
  );
}

function Commands({ lines }: { readonly lines: string }) {
  const element = useRef<HTMLPreElement>(null);
  const [told, setTold] = useState('');
  const copy = async () => {
    try {
      // There is no clipboard on a page that came without TLS.
      await navigator.clipboard.writeText(lines);
      setTold(tn('copied'));
    } catch {
      if (element.current) getSelection()?.selectAllChildren(element.current);
      setTold(tn('copy.failed'));
    }
  };
  return (
    <div class="commands">
      <p>{tn('connect.steps')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keys */}
      <section class="lines-to-paste" tabIndex={0} aria-label={tn('connect.commands')}>
        <pre ref={element}>{lines}</pre>
      </section>
      <p>
        <button type="button" class="act" onClick={() => void copy()}>
          {tn('copy')}
        </button>{' '}
        <span role="status">{told}</span>
      </p>
    </div>
  );
}
