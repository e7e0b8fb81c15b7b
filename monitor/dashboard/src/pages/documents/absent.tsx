import { addressHash } from '../../app/address.ts';
import { t } from '../../data/i18n.ts';
import { Tile } from '../../kit/tile.tsx';
import type { Shelf } from './shelf.ts';
import { td } from './texts.ts';

interface AbsentProps<T extends object> {
  readonly shelf: Shelf<T>;
  readonly wanted: string | undefined;
  /** What all of them are called. */
  readonly label: string;
  readonly gone: string;
  readonly none: string;
  /** What can be done where there is none. */
  readonly hint: string;
}

/** Why there is no document to see. */
export function Absent<T extends object>({ shelf, wanted, label, gone, none, hint }: AbsentProps<T>) {
  const [heads, open] = [shelf.heads.value, shelf.open.value];
  const failed = heads.state === 'failed' ? heads : open.state === 'failed' ? open : undefined;
  if (failed?.why === 'forbidden') return <Tile title={label} state="forbidden" note={td('forbidden')} />;
  if (failed?.why === 'not-found') {
    return (
      <div class="card hint">
        <strong>{gone}</strong>
        <p>
          <a href={addressHash({ page: shelf.page })}>{label}</a>
        </p>
      </div>
    );
  }
  if (failed) {
    const retry = () => {
      void shelf.list();
      if (wanted !== undefined) void shelf.load(wanted);
    };
    return <Tile title={td('failed')} state="error" note={failed.why} retry={retry} />;
  }
  if (heads.state === 'ready' && heads.is.length === 0) {
    return (
      <div class="card hint">
        <strong>{none}</strong>
        <p>{hint}</p>
      </div>
    );
  }
  return <div class="card skeleton" role="status" aria-label={t('state.loading')} />;
}
