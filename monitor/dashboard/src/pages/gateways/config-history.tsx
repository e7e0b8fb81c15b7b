import { useSignal } from '@preact/signals';
import { ask, post } from '../../data/api.ts';
import { formatTime } from '../../data/format.ts';
import { faultText } from '../../data/i18n.ts';
import { faultOf } from '../../data/store.ts';
import { type Config, type ConfigHead, configPath, type DiffLine } from './config-data.ts';
import { Diff } from './config-diff.tsx';
import { whyOf } from './config-editor.tsx';
import { tc } from './config-texts.ts';
import { Table } from './table.tsx';

interface HistoryProps {
  readonly gateway: string;
  readonly zone: string;
  readonly config: Config;
  readonly mayChange: boolean;
  readonly changed: () => void;
}

/** Every version, what became of it, what it changed, and the way back to it. */
export function ConfigHistory({ gateway, zone, config, mayChange, changed }: HistoryProps) {
  const shown = useSignal<{ version: number; lines: readonly DiffLine[] } | undefined>(undefined);
  const told = useSignal('');
  const showDiff = async (version: number, before: number) => {
    const { lines } = await ask<{ lines: DiffLine[] }>(configPath(gateway, `/diff?from=${before}&to=${version}`));
    shown.value = { version, lines };
  };
  const bringBack = async (version: number) => {
    if (!confirm(tc('bring.sure', { version }))) return;
    try {
      const from = config.wanted?.version ?? 0;
      const saved = await post<ConfigHead>(configPath(gateway, '/rollback'), { from, to: version });
      told.value = tc('saved', { version: saved.version });
      changed();
    } catch (error) {
      told.value = whyOf(error);
    }
  };
  const { versions } = config;
  return (
    <section class="card part">
      <h3>{tc('history')}</h3>
      {versions.length === 0 ? <p class="muted">{tc('history.none')}</p> : null}
      {versions.length > 0 ? (
        <Table name={tc('history')} heads={[tc('version'), tc('when'), tc('who'), tc('became'), '']}>
          {versions.map(({ version, savedAt, savedBy }, i) => (
            <tr key={version} data-version={version}>
              <th scope="row">{version === 0 ? tc('own.version') : version}</th>
              <td>{formatTime(savedAt, zone)}</td>
              <td>{savedBy}</td>
              <td>{version === 0 ? '–' : <Became config={config} version={version} zone={zone} />}</td>
              <td>
                {versions[i + 1] ? (
                  <button
                    type="button"
                    class="plain"
                    onClick={() => void showDiff(version, versions[i + 1]?.version ?? 0)}
                  >
                    {tc('diff.show')}
                  </button>
                ) : null}
                {mayChange && version !== config.wanted?.version && config.wanted ? (
                  <button type="button" class="plain" onClick={() => void bringBack(version)}>
                    {tc('bring')}
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </Table>
      ) : null}
      {told.value ? <p role="status">{told.value}</p> : null}
      {shown.value ? (
        <>
          <h4>{tc('changes.of', { version: shown.value.version })}</h4>
          <Diff lines={shown.value.lines} name={tc('changes.of', { version: shown.value.version })} />
        </>
      ) : null}
    </section>
  );
}

function Became({
  config,
  version,
  zone,
}: {
  readonly config: Config;
  readonly version: number;
  readonly zone: string;
}) {
  const all = config.outcomes.filter((each) => each.version === version);
  if (all.length === 0) return <span class="muted">{tc('became.none')}</span>;
  return (
    <>
      {all.map(({ at, outcome, code, detail }) => (
        <span key={`${at} ${outcome}`} class="under">
          {tc(`became.${outcome}`, { at: formatTime(at, zone) })}
          {code ? <span class="muted"> – {faultText(code, faultOf(code)).text}</span> : null}
          {detail ? <span class="muted"> {detail}</span> : null}
        </span>
      ))}
    </>
  );
}
