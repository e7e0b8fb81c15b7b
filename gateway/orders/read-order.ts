import { z } from 'zod';
import { Fault, type FaultCode, isFault } from '../../core/faults.ts';
import type { Value } from '../../core/reading.ts';
import type { Titles } from '../../core/units.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { Driver } from '../../devices/driver.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { polledPoints } from '../../devices/polled-points.ts';
import { findDriver } from '../../devices/registry.ts';
import { nextCatalogue } from '../catalogue.ts';
import { Intake } from '../intake.ts';
import type { OrderRun } from './gateway-orders.ts';
import { onLine } from './line-work.ts';
import { plantOf } from './order-plant.ts';

const readSchema = z.object({ line: z.unknown(), device: z.unknown() });

/** A device that talks by itself is listened to for so long. */
const LISTEN_MS = 5000;
/** Of all requests together; then what has come is shown. */
const MOST_REFUSALS = 20;

/** A point as it was read. */
interface ReadValue {
  readonly point: string;
  readonly title: Titles;
  readonly unit?: string;
  readonly value: Value | null;
  readonly fault?: FaultCode;
}

/** Reads a device once as if it were configured: through its profile, its limits and its formulas. Nothing is kept. */
export async function readOrder({
  command,
  deps,
  signal,
}: OrderRun): Promise<{ readonly values: readonly ReadValue[] }> {
  const { line, device: given } = readSchema.parse(command);
  const { spec, devices } = await plantOf(line, [given], deps.rules);
  const [device] = devices as [DeviceSpec];
  const driver = findDriver(device.driver) as Driver;
  const plant = { channels: [], devices: [{ ...device, rules: [] }] };
  const intake = new Intake(
    plant,
    nextCatalogue(null, plant, { site: '', timezone: 'Etc/UTC' }),
    { reading() {}, event() {} },
    deps.clock,
  );
  const take: Take = (answers) => intake.answers(device, answers);
  const requests = driver.plan(polledPoints(device), device.limits);
  await onLine(spec, deps, signal, (channel) =>
    requests.length > 0
      ? askAll({ channel, driver, device, requests, signal }, take, (points, fault) =>
          intake.fault(device, points, fault),
        )
      : listen({ channel, driver, device, signal }, take, deps.clock),
  );
  const points = intake.devices.get(device.name)?.points ?? new Map<string, never>();
  return {
    values: [...points.values()].map(({ spec: point, newest }) => ({
      ...{ point: point.name, title: point.title },
      ...(point.unit === undefined ? {} : { unit: point.unit }),
      value: newest?.quality === 'good' ? newest.value : null,
      ...(newest?.quality === 'good' ? {} : { fault: newest?.fault ?? 'no-answer' }),
    })),
  };
}

type Take = (answers: Awaited<ReturnType<Driver['read']>>) => void;

interface Asking {
  readonly channel: Channel;
  readonly driver: Driver;
  readonly device: DeviceSpec;
  readonly signal: AbortSignal;
}

/** A device that does not answer its first request is not there: that says it, and the others are not waited for. */
async function askAll(
  { channel, driver, device, requests, signal }: Asking & { readonly requests: readonly unknown[] },
  take: Take,
  refuse: (points: readonly string[], fault: FaultCode) => void,
): Promise<void> {
  let answered = false;
  let refused = 0;
  for (const request of requests) {
    signal.throwIfAborted();
    try {
      take(
        await channel.lease((line) => driver.read(request, line, device), {
          ...{ signal, driver: driver.name },
          ...(device.timeoutMs === undefined ? {} : { timeoutMs: device.timeoutMs }),
          ...(device.serial === undefined ? {} : { serial: device.serial }),
        }),
      );
      answered = true;
    } catch (error) {
      if (!isFault(error) || (!answered && error.recovery !== 'skip')) throw error;
      refuse(driver.covers(request), error.code);
      if (++refused >= MOST_REFUSALS) throw error;
    }
  }
}

async function listen(
  { channel, driver, device, signal }: Asking,
  take: Take,
  clock: OrderRun['deps']['clock'],
): Promise<void> {
  if (driver.listen === undefined) throw new Fault('request-invalid', 'the device has no points');
  const stop = new AbortController();
  const cancel = clock.after(LISTEN_MS, () => stop.abort());
  let heard = false;
  try {
    const bytes = channel.listen(AbortSignal.any([signal, stop.signal]));
    for await (const answers of driver.listen(polledPoints(device), bytes)) {
      heard = true;
      take(answers);
    }
  } finally {
    cancel();
  }
  if (!heard) throw new Fault('no-answer');
}
