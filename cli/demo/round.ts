import { GATEWAY } from './plant.ts';

export const DEMO_ROUND_ID = 'server-room';

/** A round for the demo's plant: what an engineer on duty looks at each morning. */
export const DEMO_ROUND = {
  name: '서버실 일일 점검 (Server room, daily)',
  due: { timezone: 'Asia/Seoul', by: '10:00' },
  places: [
    {
      id: 'ups-room',
      name: 'UPS실 (UPS room)',
      items: [
        { id: 'ups-panel', text: 'UPS 표시등 정상 (UPS panel shows no fault)', kind: 'ok', device: `${GATEWAY}/ups-1` },
        {
          ...{ id: 'ups-load', text: 'UPS 부하율 (UPS load)', kind: 'number', unit: '%', min: 0, max: 80 },
          device: `${GATEWAY}/ups-1`,
        },
        { id: 'smell', text: '이상 소음·냄새 (Noise or smell)', kind: 'ok' },
      ],
    },
    {
      id: 'cold-aisle',
      name: '냉복도 (Cold aisle)',
      items: [
        {
          ...{ id: 'temperature', text: '흡기 온도 (Inlet temperature)', kind: 'number', unit: '°C', min: 18, max: 27 },
          device: `${GATEWAY}/cold-aisle`,
        },
        { id: 'floor', text: '바닥 누수 없음 (Floor is dry)', kind: 'ok', device: `${GATEWAY}/leak-1` },
        { id: 'remarks', text: '특이 사항 (Remarks)', kind: 'text' },
      ],
    },
  ],
} as const;
