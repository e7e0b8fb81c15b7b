import { useEffect } from 'preact/hooks';
import { type Draft, type KnownLine, NAME, type NewLine, SPEEDS } from './draft.ts';
import { useOrder } from './order.ts';
import { tn } from './texts.ts';

interface LineStepProps {
  readonly gateway: string;
  readonly lines: readonly KnownLine[];
  readonly draft: Draft;
  readonly changed: (change: Partial<Draft>) => void;
}

interface Ports {
  readonly ports: readonly { readonly port: string; readonly channel?: string }[];
}

/** A line that is there, or a new one. */
export function LineStep({ gateway, lines, draft, changed }: LineStepProps) {
  return (
    <fieldset class="card part step">
      <legend>{tn('line.title')}</legend>
      <div class="lines-to-choose">
        {lines.map(({ name, port, driver }) => (
          <label key={name}>
            <input type="radio" name="line" checked={draft.known === name} onChange={() => changed({ known: name })} />
            <span>
              <strong>{name}</strong>{' '}
              <span class="muted small">
                {driver} · {port}
              </span>
            </span>
          </label>
        ))}
        <label>
          <input
            type="radio"
            name="line"
            checked={draft.known === undefined}
            onChange={() => changed({ known: undefined })}
          />
          <strong>{tn('line.other')}</strong>
        </label>
      </div>
      {draft.known === undefined ? (
        <NewLineFields
          gateway={gateway}
          line={draft.line}
          changed={(change) => changed({ line: { ...draft.line, ...change } })}
        />
      ) : null}
    </fieldset>
  );
}

interface NewLineProps {
  readonly gateway: string;
  readonly line: NewLine;
  readonly changed: (change: Partial<NewLine>) => void;
}

function NewLineFields({ gateway, line, changed }: NewLineProps) {
  const { order, give } = useOrder<Ports>(gateway, 'ports');
  useEffect(() => {
    // Without an answer a port is typed.
    give({}).catch(() => {});
  }, [gateway]);
  const ports = order.value?.body?.ports.filter(({ channel }) => channel === undefined) ?? [];
  return (
    <div class="fields">
      <label>
        {tn('line.kind')}
        <select value={line.kind} onChange={(event) => changed({ kind: event.currentTarget.value as NewLine['kind'] })}>
          <option value="serial">{tn('line.serial')}</option>
          <option value="tcp">{tn('line.tcp')}</option>
        </select>
      </label>
      {line.kind === 'tcp' ? (
        <label>
          {tn('line.address')}
          <input
            required
            placeholder="tcp://10.0.0.20:502"
            pattern="tcp://.+:[0-9]+"
            title={tn('line.address.hint')}
            value={line.address}
            onInput={(event) => changed({ address: event.currentTarget.value.trim() })}
          />
          <span class="muted small">{tn('line.address.hint')}</span>
        </label>
      ) : (
        <>
          <label>
            {tn('line.port')}
            <input
              required
              list="serial-ports"
              placeholder="/dev/serial/by-id/…"
              pattern="/.+"
              value={line.port}
              onInput={(event) => changed({ port: event.currentTarget.value.trim() })}
            />
            <datalist id="serial-ports">
              {ports.map(({ port }) => (
                <option key={port} value={port} />
              ))}
            </datalist>
            <span class="muted small">{tn('line.port.hint')}</span>
          </label>
          <label>
            {tn('line.baud')}
            <select
              value={String(line.baudRate)}
              onChange={(event) => changed({ baudRate: Number(event.currentTarget.value) })}
            >
              {SPEEDS.map((speed) => (
                <option key={speed} value={String(speed)}>
                  {speed}
                </option>
              ))}
            </select>
          </label>
          <label>
            {tn('line.parity')}
            <select
              value={line.parity}
              onChange={(event) => changed({ parity: event.currentTarget.value as NewLine['parity'] })}
            >
              {(['none', 'even', 'odd'] as const).map((parity) => (
                <option key={parity} value={parity}>
                  {tn(`parity.${parity}`)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      <label>
        {tn('line.name')}
        <input
          required
          pattern={NAME}
          title={tn('name.hint')}
          value={line.name}
          onInput={(event) => changed({ name: event.currentTarget.value })}
        />
        <span class="muted small">{tn('name.hint')}</span>
      </label>
    </div>
  );
}
