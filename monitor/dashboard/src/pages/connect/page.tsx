import '../gateways/gateways.css';
import '../gateways/config.css';
import './connect.css';
import { address, addressHash } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { gateways } from '../../data/store.ts';
import { AddDevice } from './add-device.tsx';
import { Connect } from './connect.tsx';
import { tn } from './texts.ts';

/** From nothing to values on the screen: a gateway, or with its id in the address a device of it. */
export function ConnectPage() {
  const { rest } = address.value;
  const [id] = rest;
  if (id === undefined) return <Connect />;
  const list = gateways.value;
  if (list === undefined) return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
  const gateway = list.find((each) => each.id === id);
  if (gateway) return <AddDevice key={id} gateway={gateway} />;
  return (
    <div class="card hint">
      <strong>{tn('unknown')}</strong>
      <p>
        <a href={addressHash({ page: 'gateways' })}>{t('page.gateways')}</a>
      </p>
    </div>
  );
}
