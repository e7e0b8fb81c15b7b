import type { SerialSettings } from '../driver.ts';

export interface SerialTiming {
  /** Milliseconds that one character takes: start, data, parity and stop bits. */
  readonly charMs: number;
  /** Silence that must lie between two frames. */
  readonly silenceMs: number;
}

/** 3.5 characters of silence between frames, and 1.75 ms above 19200 baud [Modbus over Serial Line V1.02, 2.5.1.1]. */
export function serialTiming({ baudRate, dataBits, parity, stopBits }: SerialSettings): SerialTiming {
  const charMs = ((1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits) * 1000) / baudRate;
  return { charMs, silenceMs: baudRate > 19_200 ? 1.75 : 3.5 * charMs };
}
