import { z } from 'zod';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import { label } from '../documents/parts.ts';

const MOST_GATEWAYS = 2000;

/** Gateways that get a change together: those that are named, then those of the sites, also ones that come later. */
export const groupSchema = z
  .strictObject({
    name: label,
    gateways: z.array(z.string().min(1).max(100)).max(MOST_GATEWAYS).default([]),
    sites: z.array(z.string().min(1).max(200)).max(200).default([]),
  })
  .refine(({ gateways, sites }) => gateways.length + sites.length > 0, { message: 'a group names gateways or sites' });
export type Group = z.output<typeof groupSchema>;

/** In the order in which they take their turns. A name that no gateway has is kept: it is shown as unknown. */
export function membersOf({ gateways, sites }: Group, known: ReadonlyMap<GatewayId, Catalogue>): readonly GatewayId[] {
  const ofSites = [...known].filter(([, { site }]) => sites.includes(site)).map(([gateway]) => gateway);
  return [...new Set([...gateways, ...ofSites.sort()])];
}
