/** Korean texts of the faults a reading or a line can carry; the English ones come from the API. A test checks that none is missing. */
export const faultsKo: Readonly<Record<string, { readonly text: string; readonly action: string }>> = {
  'no-answer': {
    text: '장비가 제시간에 응답하지 않음',
    action: '전원, 배선, 국번(unit id), 통신 속도와 패리티를 확인하세요. 느린 장비는 timeout 값을 늘리세요',
  },
  garbled: {
    text: '응답의 체크섬 또는 형식 오류',
    action: '종단 저항, 차폐, 통신 속도와 패리티를 확인하고 같은 국번의 장비가 둘인지 살펴보세요',
  },
  'line-closed': { text: '회선 연결 끊김', action: '케이블 또는 시리얼 서버를 확인하세요. 자동으로 다시 연결합니다' },
  'port-missing': {
    text: '시리얼 포트 없음',
    action: '어댑터를 꽂고, 항상 찾을 수 있게 /dev/serial/by-id 이름을 쓰세요',
  },
  'port-denied': { text: '시리얼 포트 권한 없음', action: '사용자를 dialout 그룹에 넣고 다시 로그인하세요' },
  'port-busy': { text: '다른 프로그램이 포트 사용 중', action: '그 프로그램을 멈추세요. fuser PORT 명령으로 찾습니다' },
  'connection-refused': {
    text: '상대가 연결을 거부함',
    action: '주소와 포트를 확인하세요. 연결을 하나만 받는 장비가 많습니다',
  },
  'host-unreachable': { text: '상대에 닿을 수 없음', action: '주소, 케이블, VLAN, 방화벽을 확인하세요' },
  'speed-fixed': {
    text: '시리얼 서버 뒤 회선의 속도를 바꿀 수 없음',
    action:
      '서버와 baudRate를 장비가 요구하는 속도로 맞추세요. 서버가 속도를 스스로 찾으면 followsSpeed: true를 쓰세요',
  },
  'illegal-function': {
    text: '장비가 모르는 기능 코드 (예외 1)',
    action: '프로파일의 table 값을 확인하세요. holding과 input 레지스터는 다릅니다',
  },
  'illegal-address': {
    text: '장비에 없는 레지스터 또는 데이터 (예외 2)',
    action: '프로파일의 레지스터 번호(문서의 번호는 실제보다 1 큼) 또는 데이터 코드를 확인하세요',
  },
  'illegal-value': {
    text: '장비가 값 또는 길이를 거부함 (예외 3)',
    action: '범위를 확인하거나 프로파일의 limits.registers 값을 줄이세요',
  },
  'device-failure': {
    text: '응답 중 장비 내부 오류 (예외 4)',
    action: '장비 표시창을 확인하세요. 계속되면 장비를 다시 시작하세요',
  },
  'device-busy': { text: '장비가 처리 중 (예외 5, 6)', action: '측정 주기를 늘리세요' },
  'gateway-path': { text: '시리얼 서버에서 회선 경로 없음 (예외 10)', action: '시리얼 서버 설정을 확인하세요' },
  'gateway-target': {
    text: '시리얼 서버 뒤의 장비가 응답하지 않음 (예외 11)',
    action: '장비의 전원, 배선, 국번을 확인하세요',
  },
  'exception-other': {
    text: '장비가 다른 예외 코드로 응답함',
    action: '장비 설명서에서 코드를 찾으세요. 코드는 로그에 있습니다',
  },
  'access-denied': {
    text: '암호나 키 없이는 장비가 값을 알려주지 않음',
    action: '장비가 값을 공개하도록 설정하거나 포인트를 빼세요',
  },
  'no-value': {
    text: '장비에 이 포인트의 값이 없음',
    action: '센서가 달려 있지 않은 경우가 많습니다. 그렇다면 포인트를 빼세요',
  },
  'not-a-number': { text: '장비가 NaN 또는 무한대를 보냄', action: '포인트의 자료형과 바이트 순서를 확인하세요' },
  'out-of-range': {
    text: '프로파일의 허용 범위를 벗어난 값',
    action: '센서를 확인하거나 프로파일의 valid 범위를 넓히세요',
  },
  'value-too-large': {
    text: '±2^53을 넘어 정확히 보관할 수 없는 정수',
    action: '자료형과 바이트 순서를 확인하세요. 실제 값이면 32비트 포인트 두 개로 읽으세요',
  },
  unstable: { text: '값이 아직 안정되지 않음', action: '기다리세요. 계속되면 바람, 진동, 흔들리는 하중을 확인하세요' },
  overload: { text: '계측기의 범위를 벗어남', action: '하중을 내리거나 영점을 다시 맞추세요' },
  'wrong-unit': {
    text: '장비가 포인트와 다른 단위로 표시함',
    action: '장비를 프로파일의 단위로, 또는 포인트를 장비의 단위로 맞추세요',
  },
  'unexpected-data': {
    text: '데이터의 길이나 형식이 프로파일과 다름',
    action: '프로파일의 address를 장비 설명서와 비교하세요',
  },
  'bad-text': {
    text: '텍스트 줄의 형식이 다름',
    action: '장비 출력을 프로파일의 match 또는 columns와 비교하세요',
  },
  'no-scale': {
    text: '장비가 이 값의 배율(scale factor)을 주지 않음',
    action: 'scaleFrom 설정을 확인하세요. 배율이 없는 장비는 이 값을 측정하지 않습니다',
  },
  'no-result': {
    text: '이 값들로는 수식의 결과가 없음',
    action: '0으로 나누지 않게 하세요. 예: x == 0 ? 0 : y / x',
  },
  'counter-jump': {
    text: '적산값이 그 시간에 셀 수 없는 값으로 바뀜',
    action: '일치하는 값이 세 번 이어지면 계량기가 교체된 것으로 봅니다. 같은 계량기라면 mostPerHour를 늘리세요',
  },
  'config-unconfirmed': {
    text: '구성 적용 후 허브에 연결되지 않아 이전 구성으로 되돌림',
    action: '변경이 연결이나 기기에 준 영향을 확인한 뒤 다시 저장하세요. hub.confirmWithin으로 시간을 늘릴 수 있습니다',
  },
  'config-not-ours': {
    text: '이 게이트웨이의 회선과 설비는 자체 파일에서 관리함',
    action: 'gateway.yaml에서 수정하거나 managed: hub로 바꾸고 다시 시작하세요',
  },
  'gateway-away': {
    text: '게이트웨이가 지금 연결되어 있지 않음',
    action: '다시 연결될 때까지 기다리거나 통신 상태를 확인하세요',
  },
  'request-expired': {
    text: '요청이 너무 늦게 도착해 실행하지 않음',
    action: '다시 요청하세요. 자주 생기면 시계를 확인하세요',
  },
  'request-unknown': {
    text: '게이트웨이가 모르는 요청',
    action: '게이트웨이를 업데이트하세요. 허브보다 오래되었습니다',
  },
  'request-busy': { text: '게이트웨이가 같은 종류의 다른 요청을 처리 중', action: '끝날 때까지 기다리거나 취소하세요' },
  'alarm-unfit': {
    text: '알람의 현재 상태에서는 할 수 없음',
    action: '알람을 다시 확인하세요. 그 사이 상태가 바뀌었거나 규칙이 허용하지 않습니다',
  },
  'rollout-unfit': {
    text: '변경 내용이 그룹의 모든 게이트웨이에 맞지 않아 아무 것도 바꾸지 않음',
    action: '미리보기에서 어느 게이트웨이가 왜 맞지 않는지 보고, 고치거나 그 게이트웨이를 빼세요',
  },
  'rollout-busy': {
    text: '끝나지 않은 다른 배포에 속한 게이트웨이가 있음',
    action: '그 배포가 끝날 때까지 기다리거나 중지하세요',
  },
  'rollout-over': { text: '배포의 현재 상태에서는 할 수 없음', action: '지금 어디까지 진행되었는지 확인하세요' },
  'not-writable': {
    text: '쓰기가 허용되지 않은 포인트',
    action: '프로파일이나 구성에 `writable: true`가 있어야 하며, 아래 게이트웨이의 허용 범위를 확인하세요',
  },
  'writes-locked': {
    text: '게이트웨이에서 쓰기가 잠겨 있음',
    action: '현장에서 잠갔습니다. 데이터 폴더의 `writes-locked` 파일 또는 `writeLock` 스위치를 확인하세요',
  },
  'write-confirm': {
    text: '위험한 포인트: 값을 두 번 입력해야 함',
    action: '장치, 포인트, 값이 맞는지 확인한 뒤 값을 다시 입력하세요',
  },
  'value-changed': {
    text: '장치의 값이 예상과 다름',
    action: '현재 값을 확인하고 다시 결정하세요',
  },
  'write-rate': {
    text: '최근에 너무 자주 쓴 포인트',
    action: '잠시 기다리세요. 허용 횟수는 포인트의 `writeRate`에 있습니다',
  },
  'clock-uncertain': {
    text: '명령의 만료 여부를 알 수 없음',
    action: '다시 명령하세요. 자주 생기면 연결 지연을 확인하세요',
  },
  'write-differs': {
    text: '장치가 받았지만 다른 값을 유지함',
    action: '장치가 값을 제한하거나 반올림하는지, 다른 곳에서 쓰는지 확인하세요',
  },
  'write-unknown': {
    text: '값이 기록되었는지 알 수 없음',
    action: '다시 쓰기 전에 포인트와 장치를 확인하세요. 자동으로 반복하지 않습니다',
  },
  'value-unfit': {
    text: '이 포인트에 쓸 수 없는 값',
    action: '형식, 범위, 선택 항목에 맞는 값을 쓰세요. 장치에는 아무것도 보내지 않았습니다',
  },
  'journal-write': {
    text: '저널에 기록하지 못함',
    action: '게이트웨이의 디스크를 확인하세요',
  },
  'settings-invalid': { text: '구성에 문제가 있음', action: '표시된 줄을 고치세요' },
  'fault-unknown': {
    text: '허브가 모르는 장애 코드',
    action: '허브를 업데이트하세요. 게이트웨이보다 오래되었습니다',
  },
  'edgecore-unreachable': {
    text: 'EdgeCore가 소켓에서 응답하지 않음',
    action:
      '노드에서 EdgeCore가 실행 중인지, `kubeedge.dmiSocket` 경로가 맞는지 확인하세요. 그동안에도 장치는 계속 읽고 보관합니다',
  },
  'edgecore-silent': {
    text: 'EdgeCore가 호출에 제때 응답하지 않음',
    action:
      'EdgeCore 로그를 확인하세요. 멈춘 매퍼 하나가 다른 매퍼를 모두 막을 수 있습니다. 그동안에도 장치는 계속 읽고 보관합니다',
  },
  'edgecore-limit': {
    text: 'EdgeCore가 지금은 호출을 더 받지 않음: 한 노드의 매퍼는 모두 합쳐 초당 1회만 호출할 수 있음',
    action: '조치할 것이 없습니다. 허용되는 대로 최신 값을 보고합니다. `kubeedge.broker`에는 이 제한이 없습니다',
  },
  'edgecore-refused': {
    text: 'EdgeCore가 매퍼를 거부함',
    action: '응답 내용을 확인하세요. KubeEdge 1.18 이상과 root 소유의 소켓이 필요합니다',
  },
  'mapper-socket': {
    text: '매퍼 자신의 소켓을 만들 수 없음',
    action: '`kubeedge.socket`의 폴더, 소유자, 다른 매퍼의 사용 여부를 확인하세요',
  },
  'edge-broker': {
    text: '노드의 MQTT 브로커에 연결할 수 없음',
    action: '`kubeedge.broker` 설정과 브로커 실행 여부를 확인하세요. 그동안에도 장치는 계속 읽고 보관합니다',
  },
  'kube-object': {
    text: 'KubeEdge의 Device 객체를 그대로 쓸 수 없음',
    action: '표시된 내용을 Device 또는 DeviceModel 객체에서 고치세요. 다른 장치는 모두 계속 읽습니다',
  },
  'kube-refused': {
    text: 'EdgeCore가 이 장치의 값을 거부함',
    action: '404이면 노드가 연결된 상태에서 Device 객체를 지우고 다시 만드세요',
  },
};
