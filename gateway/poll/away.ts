import type { FaultCode } from '../../core/faults.ts';

/** The device itself says nothing: asking it costs the line a time-out. */
export const SILENT: readonly FaultCode[] = ['no-answer', 'gateway-target'];

/** The device, or the way to it, is gone. Other faults are answers of a sort. */
export const AWAY: readonly FaultCode[] = [
  ...SILENT,
  'gateway-path',
  'line-closed',
  'port-missing',
  'port-denied',
  'port-busy',
  'connection-refused',
  'host-unreachable',
];
