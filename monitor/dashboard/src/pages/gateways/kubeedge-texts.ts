import { textsOf } from '../../data/i18n.ts';

export const tk = textsOf({
  title: { en: 'KubeEdge', ko: 'KubeEdge' },
  owner: {
    en: 'These devices belong to Device objects of the cluster: they are changed there, with `kubectl`, and only shown here. Their readings come here in full, whatever KubeEdge keeps of them.',
    ko: '이 설비는 클러스터의 Device 객체에 속합니다. 변경은 `kubectl`로 하며 여기서는 볼 수만 있습니다. KubeEdge가 보관하는 값과 관계없이 모든 측정값이 이곳에 저장됩니다.',
  },
  owned: { en: 'of KubeEdge', ko: 'KubeEdge 소속' },
  mapper: { en: 'Mapper', ko: '매퍼' },
  'mapper.connecting': { en: 'connecting to EdgeCore', ko: 'EdgeCore에 연결하는 중' },
  'mapper.registered': { en: 'registered with EdgeCore', ko: 'EdgeCore에 등록됨' },
  'mapper.faulted': { en: 'not with EdgeCore', ko: 'EdgeCore와 연결되지 않음' },
  fault: { en: 'Fault', ko: '장애' },
  broker: { en: "The node's broker", ko: '노드의 브로커' },
  'broker.connected': { en: 'connected', ko: '연결됨' },
  'broker.away': { en: 'away', ko: '연결 안 됨' },
  reports: { en: 'Reports', ko: '보고' },
  'reports.text': {
    en: '{sent} sent, {failed} failed, {limited} refused as too many',
    ko: '전송 {sent}건, 실패 {failed}건, 횟수 제한으로 거부 {limited}건',
  },
  contested: {
    en: 'Devices of the protocol {protocols} changed and EdgeCore did not say so here: another mapper of this node seems to have taken it over. Leave it to one of them.',
    ko: '프로토콜 {protocols}의 장치가 바뀌었지만 EdgeCore가 이 매퍼에 알리지 않았습니다. 이 노드의 다른 매퍼가 프로토콜을 가져간 것으로 보입니다. 한쪽만 사용하십시오.',
  },
  'contested.row': { en: 'another mapper', ko: '다른 매퍼' },
  others: { en: 'Beside the Device objects', ko: 'Device 객체 외' },
  'others.unnamed': { en: 'a message that names no device', ko: '장치를 알 수 없는 메시지' },
  object: { en: 'Device object', ko: 'Device 객체' },
  device: { en: 'Device here', ko: '이곳의 설비' },
  state: { en: 'State told', ko: '보고 상태' },
  told: { en: 'Told', ko: '보고' },
  none: {
    en: 'No Device object names a protocol of this mapper.',
    ko: '이 매퍼의 프로토콜을 쓰는 Device 객체가 없습니다.',
  },
  unused: { en: 'not read', ko: '읽지 않음' },
  'state.online': { en: 'online', ko: '온라인' },
  'state.offline': { en: 'offline', ko: '오프라인' },
  'state.unhealthy': { en: 'unhealthy', ko: '비정상' },
  'state.unknown': { en: 'not known yet', ko: '아직 알 수 없음' },
});
