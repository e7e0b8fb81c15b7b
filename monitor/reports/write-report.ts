import type { ReportData } from './data.ts';
import { daysText } from './period.ts';
import type { Report, ReportLanguage } from './report.ts';
import { alarmLines, alarmSection } from './sections/alarms.ts';
import { climateLines, climateSection } from './sections/climate.ts';
import { energyLines, energySection } from './sections/energy.ts';
import { gatewayLines, gatewaySection } from './sections/gateways.ts';
import { qualityLines, qualitySection } from './sections/quality.ts';
import { roundLines, roundSection } from './sections/rounds.ts';
import { type Scene, sceneOf } from './sections/scene.ts';
import { upsLines, upsSection } from './sections/ups.ts';

export interface Writing {
  readonly language: ReportLanguage;
  /** Titles of the boxes to sign; left out: those of the language. */
  readonly signers?: readonly string[];
  /** When each day of the period begins. */
  readonly dayStarts: readonly number[];
}

/** Puts what is known into words, charts and tables. */
export function writeReport(data: ReportData, { language, signers, dayStarts }: Writing): Report {
  const scene = sceneOf(data, language, dayStarts);
  const { say, time } = scene;
  const { kind, from, to } = data.period;
  const period = daysText(data.period);
  const sections = [
    energySection(scene),
    climateSection(scene),
    alarmSection(scene),
    upsSection(scene),
    qualitySection(scene),
    roundSection(scene),
    gatewaySection(scene),
  ];
  return {
    ...{ kind, language, title: say(`title.${kind}`), site: data.site, timezone: data.zone, from, to, period },
    facts: [
      [say('site'), data.site],
      [say('period'), `${period} (${data.zone})`],
      [say('made.at'), time.minute(data.madeAt)],
      [say('made.by'), data.madeBy],
    ],
    ...{ unknown: say('unknown'), madeAt: data.madeAt, madeBy: data.madeBy, signing: say('signing') },
    signers: signers ?? [say('signer.1'), say('signer.2'), say('signer.3')],
    summary: summaryOf(scene),
    sections: sections.filter((section) => section !== undefined),
  };
}

function summaryOf(scene: Scene): Report['summary'] {
  const { say, data, time } = scene;
  const running = data.until < data.period.to ? [say('running', { time: time.minute(data.madeAt) })] : [];
  const all = [
    ['summary', running],
    ['alarms', alarmLines(scene)],
    ['energy', energyLines(scene)],
    ['climate', climateLines(scene)],
    ['ups', upsLines(scene)],
    ['quality', qualityLines(scene)],
    ['rounds', data.rounds.length > 0 ? roundLines(scene) : []],
    ['gateways', gatewayLines(scene)],
  ] as const;
  return all.filter(([, lines]) => lines.length > 0).map(([id, lines]) => ({ id, title: say(id), lines }));
}
