import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, type Gateway, post, Refusal } from '../../data/api.ts';
import { formatTime } from '../../data/format.ts';
import { faultText } from '../../data/i18n.ts';
import { faultOf, now } from '../../data/store.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Mark } from '../../kit/mark.tsx';
import { type Certificate, type CertificateState, certificateStates } from './certificate-state.ts';
import { tk } from './certificate-texts.ts';
import { Table } from './table.tsx';

/** A serial, or all of them. */
type Revoking = { readonly serial: string | undefined };

/** By what the hub knows this gateway, until when, and the way to shut it out. For administrators. */
export function Certificates({ gateway }: { readonly gateway: Gateway }) {
  const list = useSignal<readonly Certificate[] | undefined>(undefined);
  const revoking = useSignal<Revoking | undefined>(undefined);
  const told = useSignal('');
  const path = `/gateways/${encodeURIComponent(gateway.id)}`;
  const failed = (error: unknown) => {
    told.value = whyNot(error);
  };
  const load = () =>
    ask<{ certificates: Certificate[] }>(`${path}/certificates`).then(({ certificates }) => {
      list.value = certificates;
    }, failed);
  useEffect(() => void load(), []);
  const revoke = ({ serial }: Revoking) => {
    revoking.value = undefined;
    post<{ revoked: number }>(`${path}/revoke`, serial === undefined ? {} : { serial }).then(({ revoked }) => {
      told.value = tk('done', { n: revoked });
      return load();
    }, failed);
  };
  const rows = certificateStates(list.value ?? [], now.value);
  const asked = revoking.value;
  return (
    <section class="card part" aria-labelledby="certificates">
      <h3 id="certificates">{tk('title')}</h3>
      {rows.length === 0 ? (
        <p class="muted">{list.value === undefined ? '' : tk('none')}</p>
      ) : (
        <Table name={tk('title')} heads={[tk('serial'), tk('state'), tk('issued'), tk('until'), tk('revoke')]}>
          {rows.map((certificate) => (
            <Row
              key={certificate.serial}
              certificate={certificate}
              zone={gateway.timezone ?? 'UTC'}
              revoke={() => {
                revoking.value = { serial: certificate.serial };
              }}
            />
          ))}
        </Table>
      )}
      {told.value ? <p role="status">{told.value}</p> : null}
      {rows.some(({ state }) => state === 'used' || state === 'former') ? (
        <p class="ways">
          <button
            type="button"
            class="act"
            onClick={() => {
              revoking.value = { serial: undefined };
            }}
          >
            {tk('revoke.all')}
          </button>
        </p>
      ) : null}
      {asked ? (
        <Dialog
          title={asked.serial === undefined ? tk('revoke.all') : tk('revoke')}
          closeText={tk('cancel')}
          close={() => {
            revoking.value = undefined;
          }}
        >
          <p>
            {asked.serial === undefined
              ? tk('sure.all', { gateway: gateway.id })
              : tk('sure', { gateway: gateway.id, serial: asked.serial })}
          </p>
          <p class="ways">
            <button type="button" class="act" data-sure="revoke" onClick={() => revoke(asked)}>
              {tk('revoke.now')}
            </button>
          </p>
        </Dialog>
      ) : null}
    </section>
  );
}

const MARKS = {
  used: ['circle', 'quiet'],
  former: ['ring', 'quiet'],
  expired: ['ring', 'stale'],
  revoked: ['square', 'stale'],
} as const;

interface RowProps {
  readonly certificate: Certificate & { readonly state: CertificateState };
  readonly zone: string;
  readonly revoke: () => void;
}

function Row({ certificate, zone, revoke }: RowProps) {
  const { serial, state, issuedAt, notAfter, revokedAt } = certificate;
  const [shape, tone] = MARKS[state];
  const at = revokedAt === null ? '' : ` ${formatTime(revokedAt, zone)}`;
  return (
    <tr data-certificate={serial} data-state={state}>
      <th scope="row">
        <code>{serial}</code>
      </th>
      <td>
        <span class={`state tone-${tone}`}>
          <Mark shape={shape} tone={tone} />
          {tk(`state.${state}`)}
          {at}
        </span>
      </td>
      <td class="number">{formatTime(issuedAt, zone)}</td>
      <td class="number">{formatTime(notAfter, zone)}</td>
      <td>
        {state === 'used' || state === 'former' ? (
          <button type="button" class="plain" onClick={revoke} aria-label={`${tk('revoke')} ${serial}`}>
            {tk('revoke')}
          </button>
        ) : (
          '–'
        )}
      </td>
    </tr>
  );
}

function whyNot(error: unknown): string {
  if (!(error instanceof Refusal)) return tk('unreachable');
  return faultText(error.code, faultOf(error.code)).text;
}
