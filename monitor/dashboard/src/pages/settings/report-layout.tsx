import { useEffect, useState } from 'preact/hooks';
import { ask, post } from '../../data/api.ts';
import { points } from '../../data/store.ts';
import { Card, Trouble } from './parts.tsx';
import { linesOf } from './receiver-fields.ts';
import { refusalText } from './refusal-text.ts';
import { tl } from './site-texts.ts';
import { ts } from './texts.ts';

interface Judged {
  readonly point: string;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

interface Layout {
  readonly name: string;
  readonly signers?: readonly string[] | undefined;
  readonly points?: readonly Judged[] | undefined;
}

const KIND = '/documents/report-layout';
/** The one that goes for all sites. */
const PATH = `${KIND}/default`;
const MOST_POINTS = 24;

/** Who signs reports, and which points are judged in them. */
export function ReportLayoutCard() {
  const [version, setVersion] = useState<number | undefined>(undefined);
  const [layout, setLayout] = useState<Layout>({ name: 'default' });
  const [signers, setSigners] = useState('');
  const [problem, setProblem] = useState('');
  const [told, setTold] = useState('');
  const load = async () => {
    try {
      const { documents } = await ask<{ documents: readonly { id: string }[] }>(KIND);
      if (!documents.some(({ id }) => id === 'default')) return setVersion(0);
      const held = await ask<{ version: number; body: Layout }>(PATH);
      setLayout(held.body);
      setSigners((held.body.signers ?? []).join('\n'));
      setVersion(held.version);
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  useEffect(() => void load(), []);
  if (version === undefined) return <Trouble text={problem} />;
  const judged = layout.points ?? [];
  const setPoint = (index: number, part: Partial<Judged>) =>
    setLayout({ ...layout, points: judged.map((each, i) => (i === index ? { ...each, ...part } : each)) });
  const submit = async (event: Event) => {
    event.preventDefault();
    setTold('');
    const lines = linesOf(signers);
    const body: Layout = {
      ...layout,
      signers: lines.length > 0 ? lines : undefined,
      points: judged.length > 0 ? judged : undefined,
    };
    try {
      const saved = await post<{ version: number }>(PATH, { from: version, body });
      setVersion(saved.version);
      setProblem('');
      setTold(tl('saved'));
    } catch (error) {
      setProblem(refusalText(error));
    }
  };
  return (
    <Card title={tl('report')} hint={tl('report.hint')}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>
          {tl('signers')}
          <textarea
            name="signers"
            rows={3}
            value={signers}
            onInput={(event) => setSigners(event.currentTarget.value)}
          />
        </label>
        <strong>{tl('judged')}</strong>
        {judged.map((each, index) => (
          <div key={index} class="fields">
            <label>
              {tl('point')}
              <input
                required
                list="judged-points"
                value={each.point}
                onInput={(event) => setPoint(index, { point: event.currentTarget.value })}
              />
            </label>
            {(['low', 'high'] as const).map((side) => (
              <label key={side}>
                {tl(side)}
                <input
                  type="number"
                  step="any"
                  value={each[side] ?? ''}
                  onInput={({ currentTarget: { value } }) =>
                    setPoint(index, { [side]: value === '' ? undefined : Number(value) })
                  }
                />
              </label>
            ))}
            <p class="acts">
              <button
                type="button"
                class="plain"
                aria-label={`${ts('remove')}: ${each.point}`}
                onClick={() => setLayout({ ...layout, points: judged.filter((_, i) => i !== index) })}
              >
                {ts('remove')}
              </button>
            </p>
          </div>
        ))}
        <datalist id="judged-points">
          {(points.value ?? [])
            .filter(({ kind }) => kind === 'number')
            .map(({ id }) => (
              <option key={id} value={id} />
            ))}
        </datalist>
        <p class="acts">
          <button
            type="button"
            class="act"
            disabled={judged.length >= MOST_POINTS}
            onClick={() => setLayout({ ...layout, points: [...judged, { point: '' }] })}
          >
            {tl('point.add')}
          </button>
          <button type="submit" class="act">
            {ts('save')}
          </button>{' '}
          <span role="status">{told}</span>
        </p>
        <Trouble text={problem} />
      </form>
    </Card>
  );
}
