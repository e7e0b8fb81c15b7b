import { Facts } from '../../kit/facts.tsx';
import { cellText } from './cell-text.ts';
import { ReportChart } from './chart.tsx';
import type { Report, Table } from './report.ts';

/** The report as it will be on paper. */
export function Paper({ report }: { readonly report: Report }) {
  const { title, facts, signers, signing, summary, sections, language } = report;
  return (
    <article class="card report" lang={language} aria-label={title}>
      <header class="report-head">
        <div>
          <h2>{title}</h2>
          <Facts facts={facts} class="report-facts" />
        </div>
        <table class="report-boxes">
          <caption class="hidden">{signing}</caption>
          <thead>
            <tr>
              <th rowSpan={2} class="report-signing">
                {signing}
              </th>
              {signers.map((signer) => (
                <th key={signer}>{signer}</th>
              ))}
            </tr>
            <tr>
              {signers.map((signer) => (
                <td key={signer} />
              ))}
            </tr>
          </thead>
        </table>
      </header>
      <dl class="report-summary">
        {summary.map(({ id, title: topic, lines }) => (
          <div key={id} data-topic={id}>
            <dt>{topic}</dt>
            {lines.map((line) => (
              <dd key={line}>{line}</dd>
            ))}
          </div>
        ))}
      </dl>
      {sections.map(({ id, title: name, charts, tables }) => (
        <section key={id} data-section={id}>
          <h3>{name}</h3>
          {charts.length > 0 ? (
            <div class="report-charts">
              {charts.map((chart) => (
                <ReportChart key={chart.id} chart={chart} />
              ))}
            </div>
          ) : null}
          {tables.map((table) => (
            <ReportTable key={table.id} table={table} report={report} isNamed={table.title !== name} />
          ))}
        </section>
      ))}
    </article>
  );
}

/** `isNamed`: its title says more than that of its section. */
function ReportTable(props: { readonly table: Table; readonly report: Report; readonly isNamed: boolean }) {
  const { table, report, isNamed } = props;
  const { title, columns, rows, note } = table;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it is scrolled sideways, also with keys */}
      <section class="report-scroll" tabIndex={0} aria-label={title}>
        <table class="report-table">
          <caption class={isNamed ? undefined : 'hidden'}>{title}</caption>
          <thead>
            <tr>
              {columns.map(({ title: head, unit, kind }) => (
                <th key={head} scope="col" class={kind === 'text' || kind === 'time' ? undefined : 'end'}>
                  {unit === undefined ? head : `${head} (${unit})`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {columns.map((column, place) => {
                  const value = row[place] ?? null;
                  const isEnd = column.kind !== 'text' && column.kind !== 'time';
                  return (
                    <td key={column.title} class={`${isEnd ? 'end' : column.kind} ${value === null ? 'muted' : ''}`}>
                      {cellText(value, column, report)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {note === undefined ? null : <p class="muted small">{note}</p>}
    </>
  );
}
