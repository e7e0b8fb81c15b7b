import type { KubeEdgeStatus } from '../../cloud-sync/protocol/kubeedge-status.ts';

export const KUBEEDGE_TEXTS = {
  en: {
    mapper: 'Mapper of EdgeCore',
    fault: 'Fault',
    connecting: 'connecting',
    registered: 'registered',
    faulted: 'not there',
    broker: "The node's broker",
    connected: 'connected',
    away: 'away',
    contested: 'another mapper seems to have taken over',
    object: 'Device object',
    state: 'State',
    why: 'Why',
    online: 'online',
    offline: 'offline',
    unhealthy: 'unhealthy',
    unknown: 'not known yet',
    rival: 'another mapper',
    unnamed: 'a message that names no device',
  },
  ko: {
    mapper: 'EdgeCore 매퍼',
    fault: '장애',
    connecting: '연결 중',
    registered: '등록됨',
    faulted: '응답 없음',
    broker: '노드의 브로커',
    connected: '연결됨',
    away: '연결 안 됨',
    contested: '다른 매퍼가 가져간 것으로 보임:',
    object: 'Device 객체',
    state: '상태',
    why: '사유',
    online: '온라인',
    offline: '오프라인',
    unhealthy: '비정상',
    unknown: '아직 알 수 없음',
    rival: '다른 매퍼',
    unnamed: '장치를 알 수 없는 메시지',
  },
} as const;

/** Of the gateway's own page. `safe`: what makes any text harmless in HTML. */
export function kubeedgeSection(status: KubeEdgeStatus, language: 'en' | 'ko', safe: (text: string) => string): string {
  const text = KUBEEDGE_TEXTS[language];
  const { mapper, fault, detail, broker, brokerFault, contested, devices, others = [] } = status;
  const bad = (words: string) => `<span class="bad">▲ ${words}</span>`;
  const brokerWords = () => {
    const why = brokerFault === undefined ? '' : `: ${safe(brokerFault)}`;
    const isWell = broker === 'connected' && why === '';
    return isWell ? text.connected : bad(`${text[broker ?? 'away']}${why}`);
  };
  const facts = [
    ...(mapper ? [[text.mapper, fault ? bad(`${text[mapper]}: ${safe(detail ?? fault)}`) : text[mapper]]] : []),
    ...(mapper === undefined && fault ? [[text.fault, bad(safe(detail ?? fault))]] : []),
    ...(broker ? [[text.broker, brokerWords()]] : []),
    ...(contested ? [[text.mapper, bad(`${text.contested} ${safe(contested.join(', '))}`)]] : []),
  ];
  const rows = devices.map(({ id, state, code, detail: why, contested: isContested, note }) => {
    const shown = state === 'online' || state === 'unknown' ? text[state] : bad(text[state]);
    const reason = [
      code === undefined ? '' : safe(why ?? code),
      note === undefined ? '' : `<small>${safe(note)}</small>`,
    ];
    const rival = isContested ? ` ${bad(text.rival)}` : '';
    return `<tr><td>${safe(id)}<td>${shown}${rival}<td>${reason.join('')}</tr>`;
  });
  const more = others.map(({ id, detail: why }) => {
    return `<tr><td>${id === '' ? text.unnamed : safe(id)}<td><td>${bad(safe(why))}</tr>`;
  });
  return `<h2>KubeEdge</h2><dl>${facts.map(([name, value]) => `<dt>${name}<dd>${value}`).join('')}</dl>
<table><tr><th>${text.object}<th>${text.state}<th>${text.why}</tr>
${rows.join('')}${more.join('')}</table>`;
}
