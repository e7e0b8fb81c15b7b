import { KNOWN_UNITS } from '../../devices/known-units.ts';
import { lookup } from './source.ts';

/** Other people's spellings of the units we have. Lower case on the left. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ...{ 'deg c': '°C', degc: '°C', '°c': '°C', c: '°C', celsius: '°C', 'deg f': '°F', '°f': '°F', 'deg.c': '°C' },
  ...{ volt: 'V', volts: 'V', amp: 'A', amps: 'A', ampere: 'A', amperes: 'A', watt: 'W', watts: 'W', hertz: 'Hz' },
  ...{ kwh: 'kWh', wh: 'Wh', kw: 'kW', kva: 'kVA', va: 'VA', hz: 'Hz', kvarh: 'kvarh', kvar: 'kvar' },
  ...{ var: 'var', varh: 'varh', sec: 's', second: 's', seconds: 's', minute: 'min', minutes: 'min', hour: 'h' },
  ...{ hours: 'h', hr: 'h', day: 'd', days: 'd', percent: '%', '%rh': '%', '%, rh': '%', rh: '%', '% rh': '%' },
  ...{ rpm: '1/min', 'r/min': '1/min', ohm: 'Ω', ohms: 'Ω', lux: 'lx', 'm^3': 'm³', m3: 'm³', 'm3/h': 'm³/h' },
  ...{ 'm^3/h': 'm³/h', liter: 'l', litre: 'l', 'l/m': 'l/min', mbar: 'hPa', 'w/m2': 'W/m²', 'w/m^2': 'W/m²' },
  ...{ degree: '°', degrees: '°', deg: '°', 'ug/m3': 'µg/m³', db: 'dB', bar: 'bar', pa: 'Pa', kpa: 'kPa', hpa: 'hPa' },
};

/** The unit as profiles write it; undefined if there is none such. */
export function knownUnit(unit: string): string | undefined {
  if (KNOWN_UNITS.includes(unit)) return unit;
  return lookup(SPELLINGS, unit.toLowerCase());
}
