import type { GatewayFacts } from '../data.ts';
import { durationText, shareText } from '../format.ts';
import type { Cell, Section } from '../report.ts';
import type { Scene } from './scene.ts';

export function gatewaySection(scene: Scene): Section {
  const { say, data } = scene;
  const table = {
    ...{ id: 'gateways', title: say('gateways') },
    columns: [
      { title: say('col.gateway'), kind: 'text', weight: 3 },
      { title: say('col.available'), kind: 'share', weight: 2 },
      { title: say('col.outages'), kind: 'number', decimals: 0, weight: 2 },
      { title: say('col.total'), kind: 'duration', weight: 2 },
      { title: say('col.longest'), kind: 'duration', weight: 2 },
      { title: say('col.hours'), kind: 'number', decimals: 0, weight: 2 },
    ] as const,
    rows: data.gateways.map((facts): Cell[] => {
      const lengths = facts.outages.map(({ from, to }) => to - from);
      return [
        facts.id,
        share(facts, scene),
        lengths.length,
        awayMs(facts),
        Math.max(0, ...lengths),
        facts.hoursWithData,
      ];
    }),
    note: say('gateways.note'),
  };
  return { id: 'gateways', title: say('gateways'), charts: [], tables: [table] };
}

export function gatewayLines(scene: Scene): readonly string[] {
  const { say, data, language } = scene;
  const silent = data.gateways.filter(isUnknown).map(({ id }) => say('gateways.none', { gateway: id }));
  const away = data.gateways.filter(({ outages }) => outages.length > 0);
  if (away.length === 0) return silent.length > 0 ? silent : [say('gateways.all')];
  const known = away.map((facts) => {
    const figures = { n: facts.outages.length, time: durationText(awayMs(facts), language) };
    const available = share(facts, scene);
    return say('gateways.some', {
      gateway: facts.id,
      share: available === null ? say('unknown') : shareText(available),
      ...figures,
    });
  });
  return [...known, ...silent];
}

/** Neither measured nor missed: it was not there yet, or what it has is still to come. */
function isUnknown({ hoursWithData, outages }: GatewayFacts): boolean {
  return hoursWithData === 0 && outages.length === 0;
}

function awayMs({ outages }: GatewayFacts): number {
  return outages.reduce((sum, { from, to }) => sum + to - from, 0);
}

function share(facts: GatewayFacts, { data }: Scene): number | null {
  const spanMs = data.until - data.period.from;
  return spanMs > 0 && !isUnknown(facts) ? 1 - awayMs(facts) / spanMs : null;
}
