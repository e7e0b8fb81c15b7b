import 'uplot/dist/uPlot.min.css';
import '../../kit/plot/plot.css';
import './trends.css';
import './tip.css';
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { loadRules } from '../../data/rules.ts';
import { points } from '../../data/store.ts';
import { AlarmStrip } from './alarm-strip.tsx';
import { ChosenList } from './chosen-list.tsx';
import { Lines } from './lines.ts';
import { PanelView } from './panel-view.tsx';
import { panelsOf } from './panels.ts';
import { Picker } from './picker.tsx';
import { SavedViews } from './saved-views.tsx';
import { chosen, isLive, missing, shownWindow, view } from './state.ts';
import { tt } from './texts.ts';
import { Tip } from './tip.tsx';
import { MoreTools, Toolbar } from './toolbar.tsx';
import { TrendTable } from './trend-table.tsx';

/** Several points over time. */
export function Trends() {
  const lines = useMemo(() => new Lines(), []);
  const width = useSignal(0);
  useEffect(() => () => lines.stop(), [lines]);
  useSignalEffect(() => lines.choose(chosen.value, view.value.compare));
  useSignalEffect(() => {
    // Also when other points were chosen.
    if (lines.all.value.length > 0) lines.show(shownWindow.value, isLive.value, width.value);
  });
  useEffect(() => {
    // Without its limits a chart is still a chart.
    loadRules().catch(() => {});
  }, []);
  const panels = useComputed(() => panelsOf(lines.all.value.map(({ point }) => point)));
  if (points.value === undefined) return <div class="card skeleton" role="status" aria-label={tt('loading')} />;
  return (
    <section class="trends" aria-label={tt('title')}>
      <Toolbar />
      <MoreTools />
      <div class="trends-body">
        <div class="trends-plots">
          {panels.value.length === 0 ? (
            <div class="card hint">
              <strong>{tt('empty')}</strong>
              <p>{tt('empty.hint')}</p>
            </div>
          ) : (
            <>
              {panels.value.map((panel) => (
                <PanelView
                  key={`${panel.key} ${view.value.compare} ${panel.points.map(({ id }) => id).join()}`}
                  panel={panel}
                  panels={panels.value.length}
                  lines={lines.all.value.filter(({ point }) => panel.points.includes(point))}
                  onWidth={(px) => {
                    width.value = px;
                  }}
                />
              ))}
              <AlarmStrip points={chosen.value} />
              <TrendTable lines={lines.all.value} />
            </>
          )}
        </div>
        <aside class="trends-side">
          <ChosenList lines={lines.all.value} missing={missing.value} />
          <Picker />
          <SavedViews />
        </aside>
      </div>
      <Tip lines={lines.all.value} />
    </section>
  );
}
