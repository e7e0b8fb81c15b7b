import { addressHash } from '../../app/address.ts';
import { titleOf } from '../../data/i18n.ts';
import { devices } from '../../data/store.ts';
import { qrMatrix, qrPath } from './qr.ts';
import { tr } from './texts.ts';

/** A sheet to print: one label for each machine. */
export function Labels() {
  return (
    <div class="labels-page">
      <p class="tools no-print">
        <a class="back" href={addressHash({ page: 'rounds' })}>
          ← {tr('back')}
        </a>
        <button type="button" class="act" onClick={() => print()}>
          {tr('print')}
        </button>
        <span class="muted">{tr('labels.hint')}</span>
      </p>
      <ul class="labels">
        {devices.value.map(({ id, gateway, name, title }) => {
          const url = `${location.origin}/${addressHash({ page: 'equipment', rest: [gateway, name] })}`;
          return (
            <li key={id} data-label={id}>
              <Qr text={url} />
              <strong>{titleOf(title, name)}</strong>
              <span class="small">{id}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Four light modules around it, as readers want. */
const QUIET = 4;

function Qr({ text }: { readonly text: string }) {
  const matrix = qrMatrix(text);
  if (matrix === undefined) return <p class="problem">{tr('labels.long')}</p>;
  const side = matrix.length + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`} role="img" aria-label={text}>
      <rect class="paper" x={-QUIET} y={-QUIET} width={side} height={side} />
      <path d={qrPath(matrix)} />
    </svg>
  );
}
