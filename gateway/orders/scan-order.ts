import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import type { SerialSettings } from '../../devices/driver.ts';
import { ProfileLibrary } from '../../devices/profile-library.ts';
import { findDriver } from '../../devices/registry.ts';
import { candidatesFor } from '../../devices/scan/identify.ts';
import { type ScanReport, scanUnits } from '../../devices/scan/scan.ts';
import { serialSettings } from '../../devices/scan/settings.ts';
import { parseUnits } from '../../devices/scan/units.ts';
import type { OrderRun } from './gateway-orders.ts';
import { lineInUse, onLine } from './line-work.ts';
import { plantOf } from './order-plant.ts';

const scanSchema = z.object({ line: z.unknown(), units: z.string().max(200).default('1-247') });

/** How long a unit is waited for. Devices answer within a tenth of that. */
const UNIT_MS = 250;
const SCANNED = ['modbus-rtu', 'modbus-tcp'];

/** What a page shows of a scan. */
interface ScanBody {
  readonly found: readonly (ScanReport['found'][number] & { readonly serial?: SerialSettings })[];
  /** Units at which something came that nobody could understand. */
  readonly garbled: number;
}

/** Asks every unit of a line what it is; those that are polled there already are left out. Reads only. */
export async function scanOrder({ command, deps, signal, progress }: OrderRun): Promise<ScanBody> {
  const { line, units } = scanSchema.parse(command);
  const { spec } = await plantOf(line, [], deps.rules);
  const driver = findDriver(spec.driver);
  if (driver === undefined || !SCANNED.includes(driver.name))
    throw new Fault('request-invalid', `only lines of ${SCANNED.join(' and ')} can be scanned`);
  const inUse = lineInUse(spec.port, deps);
  const known = new Set(inUse?.plans.map(({ device }) => device.unitId));
  const asked = parseUnits(units).filter((unit) => !known.has(unit) && (unit > 0 || driver.name === 'modbus-tcp'));
  const candidates = await candidatesFor(driver, await ProfileLibrary.open(deps.rules.profilesDir));
  const settings = inUse || !spec.port.startsWith('/') ? [inUse?.spec.serial ?? spec.serial] : sweepOf(spec.serial);
  let body: ScanBody = { found: [], garbled: 0 };
  for (const [i, serial] of settings.entries()) {
    const told = (report: ScanReport): ScanBody => ({
      found: report.found.map((each) => ({ ...each, ...(spec.port.startsWith('/') ? { serial } : {}) })),
      garbled: report.garbled.length,
    });
    const report = await onLine({ ...spec, serial }, deps, signal, (channel) =>
      scanUnits({
        ...{ channel, driver, units: asked, candidates, timeoutMs: UNIT_MS, serial, signal },
        onUnit: (unit, so) =>
          progress(
            { done: i * asked.length + asked.indexOf(unit) + 1, total: settings.length * asked.length },
            told(so),
          ),
      }),
    );
    body = told(report);
    // Devices of one line share its speed.
    if (report.found.length > 0) break;
  }
  return body;
}

/** As the line is given first, then what devices are commonly set to. */
function sweepOf(given: SerialSettings): SerialSettings[] {
  const others = serialSettings().filter(
    ({ baudRate, parity }) => baudRate !== given.baudRate || parity !== given.parity,
  );
  return [given, ...others];
}
