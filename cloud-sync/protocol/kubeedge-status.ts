import { z } from 'zod';
import { faultCode } from './downlink.ts';

/** How a gateway stands as a mapper of a KubeEdge node: part of its status. */
export const kubeedgeStatusSchema = z.object({
  /** With EdgeCore, over DMI; left out where only the node's broker is used. */
  mapper: z.enum(['connecting', 'registered', 'faulted']).optional(),
  /** Gateway's clock, Unix ms. */
  since: z.number().optional(),
  fault: faultCode.optional(),
  detail: z.string().max(500).optional(),
  /** The MQTT broker of the node, if it is used. */
  broker: z.enum(['connected', 'away']).optional(),
  /** Why it is away, or what it refuses although it is there. */
  brokerFault: z.string().max(500).optional(),
  /** Protocols that another mapper seems to have taken over. */
  contested: z.array(z.string().max(63)).max(8).optional(),
  /** Calls since the start: sent, failed, and refused because the node had too many. */
  reports: z.number().nonnegative(),
  failed: z.number().nonnegative(),
  limited: z.number().nonnegative(),
  /** The Device objects: these devices are KubeEdge's, not those of the file or the hub. */
  devices: z
    .array(
      z.object({
        /** `namespace/name` */
        id: z.string().max(320),
        /** Its name here; left out: it cannot be used. */
        device: z.string().max(63).optional(),
        /** As KubeEdge is told. */
        state: z.enum(['online', 'offline', 'unhealthy', 'unknown']),
        toldAt: z.number().optional(),
        code: faultCode.optional(),
        detail: z.string().max(500).optional(),
        /** Another mapper seems to have taken over its protocol. */
        contested: z.literal(true).optional(),
        /** How something was understood that can be understood in two ways. */
        note: z.string().max(500).optional(),
      }),
    )
    .max(1000),
  /** What is wrong and belongs to no Device object: of the gateway's own devices, and answers of EdgeCore that name no device. */
  others: z
    .array(
      z.object({
        /** Empty: EdgeCore could not read of which device it was. */
        id: z.string().max(320),
        code: faultCode,
        detail: z.string().max(500),
      }),
    )
    .max(100)
    .optional(),
});
export type KubeEdgeStatus = z.output<typeof kubeedgeStatusSchema>;
