import { z } from 'zod';
import { faultCode } from './downlink.ts';

/** A gateway asks, within its session, for a certificate that follows the one it has. The id tells which answer is meant. */
export const renewSchema = z.object({
  id: z.string().min(8).max(64),
  /** PEM. The hub takes the key from it and nothing else. */
  csr: z.string().max(16_384),
});

/** The answer: a certificate and the CA's, PEM; or why there is none. */
export const certificateSchema = z.object({
  id: z.string().min(8).max(64),
  certificate: z.string().max(16_384).optional(),
  ca: z.string().max(65_536).optional(),
  code: faultCode.optional(),
  detail: z.string().max(500).optional(),
});
