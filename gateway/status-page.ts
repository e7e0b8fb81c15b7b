import { createHash } from 'node:crypto';
import type { KubeEdgeStatus } from '../cloud-sync/protocol/kubeedge-status.ts';
import { formatDuration, formatSize } from '../core/units.ts';
import type { DeviceRow } from './device-report.ts';
import { kubeedgeSection } from './kubeedge/page-section.ts';

export interface PageFacts {
  readonly gateway: string;
  readonly site: string;
  readonly version: string;
  readonly link: string;
  readonly linkFault: string | undefined;
  readonly backlog: number;
  readonly journalBytes: number;
  readonly atRiskMs: number;
  readonly uptimeMs: number;
  readonly channels: readonly {
    name: string;
    port: string;
    state: string;
    fault?: string | undefined;
    utilisation: number;
    exchanges: number;
    faults: number;
    /** 99 % of the polls began within so many milliseconds of their time. */
    latenessMs: number | undefined;
  }[];
  readonly devices: readonly DeviceRow[];
  /** Of a mapper of KubeEdge. */
  readonly kubeedge?: KubeEdgeStatus | undefined;
  readonly values: readonly { point: string; text: string; unit: string; ageMs: number; fault: string | undefined }[];
}

export type Language = 'en' | 'ko';

const TEXTS = {
  en: {
    link: 'Link to the hub',
    backlog: 'Waiting to be sent',
    journal: 'Journal',
    risk: 'At risk in a power cut',
    uptime: 'Running for',
    lines: 'Lines',
    devices: 'Devices',
    device: 'Device',
    latency: 'Answers in',
    latencyNote: 'Half of the answers, and 99 % of them, came within',
    faults: 'Failed',
    late: 'Late',
    lateNote: '99 % of the polls began within so long of their time',
    refuses: 'refuses',
    waiting: 'not asked yet',
    answering: 'answers',
    suspect: 'missed an answer',
    away: 'does not answer',
    points: 'Newest readings',
    line: 'Line',
    port: 'Port',
    state: 'State',
    load: 'Use',
    point: 'Point',
    value: 'Value',
    age: 'Age',
    records: 'records',
    offline: 'offline: readings are kept',
    connecting: 'connecting',
    welcomed: 'connected',
    open: 'open',
    opening: 'opening',
    faulted: 'fault',
  },
  ko: {
    link: '허브 연결',
    backlog: '전송 대기',
    journal: '저널',
    risk: '정전 시 손실 가능 구간',
    uptime: '가동 시간',
    lines: '회선',
    devices: '장치',
    device: '장치',
    latency: '응답 시간',
    latencyNote: '응답의 절반과 99 %가 이 시간 안에 도착함',
    faults: '실패',
    late: '지연',
    lateNote: '폴링의 99 %가 예정 시각부터 이 시간 안에 시작됨',
    refuses: '거부:',
    waiting: '아직 묻지 않음',
    answering: '응답함',
    suspect: '응답 누락',
    away: '응답 없음',
    points: '최신 측정값',
    line: '회선',
    port: '포트',
    state: '상태',
    load: '사용률',
    point: '포인트',
    value: '값',
    age: '경과',
    records: '건',
    offline: '끊김: 측정값은 보관 중',
    connecting: '연결 중',
    welcomed: '연결됨',
    open: '열림',
    opening: '여는 중',
    faulted: '장애',
  },
} as const;

const STYLE = `:root{color-scheme:light dark;--bg:#f7f8f9;--text:#1f2328;--muted:#57606a;--line:#d8dee4;--bad:#b54708}
@media(prefers-color-scheme:dark){:root{--bg:#1d2126;--text:#e6e8ea;--muted:#9aa4af;--line:#383f47;--bad:#fdb022}}
body{margin:0 auto;max-width:60rem;padding:1.5rem;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,"Noto Sans KR",sans-serif}
h1{font-size:1.3rem;margin:0}h2{font-size:1rem;margin:2rem 0 .5rem}p{margin:.2rem 0;color:var(--muted)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.5rem;margin:1.2rem 0}dt{color:var(--muted)}dd{margin:0}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}th{text-align:left;font-weight:500;color:var(--muted)}
th,td{padding:.3rem .5rem .3rem 0;border-bottom:1px solid var(--line)}td.n{text-align:right;white-space:nowrap}th.n{text-align:right}.n small{white-space:normal}.bad{color:var(--bad)}
th,td{vertical-align:top;overflow-wrap:anywhere}th{overflow-wrap:normal;white-space:nowrap}small{display:block;color:var(--muted)}small.one{display:inline}
@media(max-width:40rem){body{padding:1rem .8rem}.wide{display:none}}`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');
export const STATUS_PAGE_CSP = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'`;

/** One page without script that loads itself again every two seconds. */
export function statusPage(facts: PageFacts, language: Language): string {
  const text = TEXTS[language];
  const link = text[facts.link as keyof typeof text] ?? facts.link;
  const rows = [
    [text.link, `${link}${facts.linkFault ? ` <span class="bad">▲ ${escapeHtml(facts.linkFault)}</span>` : ''}`],
    [text.backlog, `${facts.backlog.toLocaleString('en')} ${text.records}`],
    [text.journal, formatSize(facts.journalBytes)],
    [text.risk, `≤ ${formatDuration(facts.atRiskMs)}`],
    [text.uptime, formatDuration(facts.uptimeMs)],
  ];
  return `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2"><title>${escapeHtml(facts.gateway)} · Sluice</title><style>${STYLE}</style>
<h1>${escapeHtml(facts.gateway)}</h1><p>${escapeHtml(facts.site)} · Sluice ${escapeHtml(facts.version)}</p>
<dl>${rows.map(([name, value]) => `<dt>${name}<dd>${value}`).join('')}</dl>
<h2>${text.lines}</h2><table><tr><th>${text.line}<th class="wide">${text.port}<th>${text.state}<th class="n">${text.load}<th class="n wide" title="${text.lateNote}">${text.late}<th class="n">${text.faults}</tr>
${facts.channels.map((channel) => channelRow(channel, text)).join('')}</table>
<h2>${text.devices}</h2><table><tr><th>${text.device}<th class="wide">${text.line}<th>${text.state}<th class="n" title="${text.latencyNote}">${text.latency}<th class="n">${text.faults}</tr>
${facts.devices.map((device) => deviceRow(device, text)).join('')}</table>
${facts.kubeedge ? kubeedgeSection(facts.kubeedge, language, escapeHtml) : ''}
<h2>${text.points}</h2><table><tr><th>${text.point}<th class="n">${text.value}<th><th class="n">${text.age}</tr>
${facts.values.map(valueRow).join('')}</table></html>`;
}

type Texts = (typeof TEXTS)[Language];

function channelRow(channel: PageFacts['channels'][number], text: Texts): string {
  const { name, port, fault, utilisation, exchanges, faults, latenessMs } = channel;
  const state = text[channel.state as 'open'] ?? channel.state;
  const shown = fault ? `<span class="bad">▲ ${state}: ${escapeHtml(fault)}</span>` : state;
  return `<tr><td>${escapeHtml(name)}<td class="wide">${escapeHtml(port)}<td>${shown}<td class="n">${Math.round(utilisation * 100)} %<td class="n wide">${latenessMs === undefined ? '' : msText(latenessMs)}<td class="n">${shareText(faults, exchanges)}</tr>`;
}

function deviceRow(
  { name, channel, state, fault, latency, requests, faults, refused }: DeviceRow,
  text: Texts,
): string {
  const word = text[state === 'offline' ? 'away' : state];
  const isWell = state === 'answering' || state === 'waiting';
  const shown = isWell ? word : `<span class="bad">▲ ${word}${fault ? `: ${escapeHtml(fault)}` : ''}</span>`;
  const refusals = refused.length === 0 ? '' : `<small>${text.refuses} ${escapeHtml(refused.join(', '))}</small>`;
  const times = latency ? `${msText(latency.p50)} <small class="one">/ ${msText(latency.p99)}</small>` : '';
  return `<tr><td>${escapeHtml(name)}${refusals}<td class="wide">${escapeHtml(channel)}<td>${shown}<td class="n">${times}<td class="n">${faultsText(faults, requests, isWell ? undefined : fault)}</tr>`;
}

/** Nothing, as long as nothing failed. A code that stands beside it already is not said twice. */
function faultsText(faults: DeviceRow['faults'], requests: number, shown: string | undefined): string {
  return Object.entries(faults)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => {
      const share = shareText(count, requests);
      return code === shown ? `<div>${share}</div>` : `<small>${escapeHtml(code)} ${share}</small>`;
    })
    .join('');
}

function shareText(count: number, all: number): string {
  if (count === 0 || all === 0) return '';
  const percent = (count / all) * 100;
  return percent < 0.1 ? '&lt;&nbsp;0.1&nbsp;%' : `${percent.toFixed(percent < 10 ? 1 : 0)}&nbsp;%`;
}

function msText(ms: number): string {
  return ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function valueRow({ point, text, unit, ageMs, fault }: PageFacts['values'][number]): string {
  const value = fault ? `<span class="bad">▲ ${escapeHtml(fault)}</span>` : escapeHtml(text);
  return `<tr><td>${escapeHtml(point)}<td class="n">${value}<td>${escapeHtml(unit)}<td class="n">${formatDuration(ageMs)}</tr>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
