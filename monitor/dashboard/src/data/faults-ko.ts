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
  'fault-unknown': {
    text: '허브가 모르는 장애 코드',
    action: '허브를 업데이트하세요. 게이트웨이보다 오래되었습니다',
  },
};
