import type { WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import { Fault, isFault } from '../../core/faults.ts';
import type { Outcome } from '../../core/reading.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { Driver, Line, WriteResult } from '../../devices/driver.ts';
import type { DeviceSpec, PointSpec } from '../../devices/plant-types.ts';
import type { WriteOrder } from './write-order.ts';

export interface WriteTarget {
  readonly channel: Channel;
  readonly driver: Driver;
  readonly device: DeviceSpec;
  readonly spec: PointSpec;
}

export interface Written {
  readonly outcome: WriteOutcome;
  /** As the device told it, to be taken like any reading. */
  readonly readBack?: Outcome;
}

const MOST_DETAIL = 500;

/** What may have changed while the order waited for its line. */
const REFUSALS = [
  ...(['value-changed', 'request-expired', 'clock-uncertain', 'writes-locked'] as const),
  ...(['not-found', 'not-writable', 'value-unfit', 'write-confirm'] as const),
];

/**
 * Writes between two polls, and says what became of it. `check` runs once the line is ours, right before the write: what it throws refuses
 * the order, and nothing has gone out.
 */
export async function writeDevice(
  target: WriteTarget,
  order: WriteOrder,
  check: () => Promise<void>,
): Promise<Written> {
  const { channel, driver, device } = target;
  let isOut = false;
  try {
    const work = async (line: Line): Promise<Written> => {
      await expectHeld(target, order, line);
      await check();
      isOut = true;
      return writtenOf(await write(target, order, line));
    };
    return await channel.lease(work, {
      ...{ urgency: 'write', driver: driver.name },
      ...(device.timeoutMs === undefined ? {} : { timeoutMs: device.timeoutMs }),
      ...(device.serial === undefined ? {} : { serial: device.serial }),
    });
  } catch (error) {
    if (isOut) return { outcome: { state: 'unknown', code: 'write-unknown', detail: brief(String(error)) } };
    if (!isFault(error)) throw error;
    const isRefusal = isFault(error, ...REFUSALS);
    return { outcome: { state: isRefusal ? 'refused' : 'failed', code: error.code, detail: brief(error.message) } };
  }
}

function write({ driver, device, spec }: WriteTarget, { value }: WriteOrder, line: Line): Promise<WriteResult> {
  if (driver.write === undefined) throw new TypeError(`settings let a point pass that ${driver.name} cannot write`);
  return driver.write(spec, value, line, device);
}

/** Throws Fault value-changed, or why the point cannot be read. */
async function expectHeld({ driver, device, spec }: WriteTarget, { expect }: WriteOrder, line: Line): Promise<void> {
  if (expect === undefined) return;
  for (const request of driver.plan([spec], device.limits)) {
    const held = (await driver.read(request, line, device)).get(spec.name);
    if (held === undefined) continue;
    if (held.quality === 'bad') throw new Fault(held.fault);
    if (held.value === expect) return;
    throw new Fault('value-changed', `it holds ${held.value}, not ${expect}`);
  }
  throw new Fault('value-changed', 'the point cannot be read');
}

function writtenOf(result: WriteResult): Written {
  if ('fault' in result) {
    const { result: state, fault, detail } = result;
    return { outcome: { state, code: state === 'unknown' ? 'write-unknown' : fault, detail: brief(detail) } };
  }
  const { readBack } = result;
  const held = readBack?.quality === 'good' ? { readBack: readBack.value } : {};
  const outcome: WriteOutcome =
    result.result === 'done' ? { state: 'done', ...held } : { state: 'failed', code: 'write-differs', ...held };
  return readBack === undefined ? { outcome } : { outcome, readBack };
}

function brief(text: string): string {
  return text.slice(0, MOST_DETAIL);
}
