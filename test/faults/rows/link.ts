import { oraclePlant } from '../../e2e/oracle-plant.ts';
import { pause, Site } from '../../e2e/site.ts';
import { HeldUp } from '../../support/held-up.ts';
import { BadLink, type LineState } from '../bad-link.ts';
import type { Figures, Row, RowContext } from '../row.ts';
import { expectAlive, settle } from '../settle.ts';

const plant = oraclePlant(100, '100ms');
/** `sync.md`: live values are at most this old once the link, and with it a session, is back. */
const FRESH_WITHIN_MS = 2000;
/** The longest wait between two attempts to reach the hub, and a handshake on a line that still holds late packets. */
const RECOVERS_MS = 75_000;

/** What the line does during one fault; it is whole again when this resolves. */
type Trouble = (line: BadLink, context: RowContext) => Promise<void>;

async function endure(context: RowContext, trouble: Trouble): Promise<Figures> {
  const line = await BadLink.open(context.seed);
  const heldUp = new HeldUp();
  let site: Site | undefined;
  const [recoveryMs, freshMs]: [number[], number[]] = [[], []];
  try {
    site = await Site.start({
      ...{ plant: plant.yaml, values: 'oracle', linkHost: line.near },
      ...{ gatewayPrefix: line.prefix, simulatorPrefix: line.prefix },
    });
    const running = site;
    await site.until(() => allNewerThan(running, 0), 'values at the hub');
    for (let done = 0; done < context.size.faults; done++) {
      await trouble(line, context);
      const backAt = Date.now();
      const isFresh = () => allNewerThan(running, Math.max(backAt, Date.now() - FRESH_WITHIN_MS));
      await site.until(isFresh, 'live values at the hub', RECOVERS_MS);
      const freshAt = Date.now();
      recoveryMs.push(freshAt - backAt);
      const session = lastSession(site);
      // Where the old connection lived on, TCP's own waits between two tries are all there is.
      if (session > backAt) freshMs.push(freshAt - session - heldUp.within(session, freshAt));
      expectAlive(site, 'gateway');
      expectAlive(site, 'hub');
      await pause(1000 + 1000 * context.random());
      context.progress(done + 1);
    }
    const { passed, dropped } = await line.set({});
    const verdict = await settle(site, plant);
    const slowest = Math.max(0, ...freshMs);
    return {
      ...{ faults: recoveryMs.length, verdict, reused: site.reports.reused, recoveryMs },
      notes: {
        'packets passed': passed,
        'packets dropped': dropped,
        'new sessions': freshMs.length,
        'live values after a new session, at most': `${Math.round(slowest)} ms`,
      },
      breaches: slowest > FRESH_WITHIN_MS ? [`live values ${slowest} ms after the session`] : [],
    };
  } finally {
    heldUp.stop();
    await site?.stop();
    await line.close();
  }
}

/** When the hub welcomed it last. */
function lastSession(site: Site): number {
  const line = site.hub.lines.findLast((each) => each.includes('"msg":"session"'));
  return line === undefined ? 0 : (JSON.parse(line) as { time: number }).time;
}

async function allNewerThan(site: Site, since: number): Promise<boolean> {
  const latest = await site.latest();
  const fresh = [...latest.values()].filter(({ at, quality }) => quality === 'good' && at > since);
  return fresh.length === plant.pointOf.size;
}

/** The line is like this for the row's seconds, divided among its faults. */
function steady(state: LineState): Trouble {
  return async (line, { size }) => {
    await line.set(state);
    await pause((1000 * (size.seconds ?? 0)) / size.faults);
    await line.set({});
  };
}

const cut: Trouble = async (line, { size, random }) => {
  await line.set({ cut: true });
  await pause(((1000 * (size.seconds ?? 0)) / size.faults) * (0.2 + 1.6 * random()));
  await line.set({});
};

const flap: Trouble = async (line, { size, random }) => {
  const end = performance.now() + (1000 * (size.seconds ?? 0)) / size.faults;
  for (let isCut = true; performance.now() < end; isCut = !isCut) {
    await line.set({ cut: isCut });
    await pause(1000 + 2000 * random());
  }
  await line.set({});
};

function row(name: string, what: string, trouble: Trouble, sizes: Row['sizes']): Row {
  const expect = { declares: false, recoveryMs: RECOVERS_MS };
  return { name, what, needs: ['tun'], sizes, expect, run: (context) => endure(context, trouble) };
}

const SHORT = { faults: 1, seconds: 6 };
const LONG = { faults: 4, seconds: 180 };

export const LINK_ROWS: readonly Row[] = [
  row(
    'link-cut',
    'every packet between gateway and hub vanishes, for 5 to 45 s; recovery: until live values are back',
    cut,
    {
      short: { faults: 1, seconds: 8 },
      long: { faults: 12, seconds: 300 },
    },
  ),
  row('link-flapping', 'the line is cut and back every 1 to 3 s', flap, {
    short: SHORT,
    long: { faults: 4, seconds: 300 },
  }),
  row('link-loss', '30 % of all packets vanish, each way', steady({ loss: 0.3 }), { short: SHORT, long: LONG }),
  row('link-latency', 'every packet takes 2 s, each way', steady({ delayMs: 2000 }), { short: SHORT, long: LONG }),
  row('link-slow', '64 kbit/s, each way', steady({ bitsPerSecond: 64_000 }), { short: SHORT, long: LONG }),
];
