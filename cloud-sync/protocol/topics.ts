import { GATEWAY_ID } from '../../core/reading.ts';
import type { GatewayId } from './numbers.ts';

const UP = ['hello', 'frame', 'live', 'status', 'result', 'document', 'renew'] as const;
const DOWN = ['welcome', 'ack', 'refuse', 'desired', 'command', 'fetch', 'certificate'] as const;
export type UpKind = (typeof UP)[number];
export type DownKind = (typeof DOWN)[number];

const ROOT = 'sluice/v1';

export function upTopic(gateway: GatewayId, kind: UpKind): string {
  return `${ROOT}/${gateway}/up/${kind}`;
}

export function downTopic(gateway: GatewayId, kind: DownKind): string {
  return `${ROOT}/${gateway}/down/${kind}`;
}

/** What a gateway subscribes to: its own branch, nothing else. */
export function downBranch(gateway: GatewayId): string {
  return `${ROOT}/${gateway}/down/+`;
}

export type Topic =
  | { readonly gateway: GatewayId; readonly direction: 'up'; readonly kind: UpKind }
  | { readonly gateway: GatewayId; readonly direction: 'down'; readonly kind: DownKind };

/** Undefined for anything that is not exactly one of ours. */
export function parseTopic(topic: string): Topic | undefined {
  const parts = topic.split('/');
  const [root, version, gateway, direction, kind] = parts;
  if (parts.length !== 5 || `${root}/${version}` !== ROOT || !gateway || !GATEWAY_ID.test(gateway)) return undefined;
  const up = UP.find((name) => name === kind);
  if (direction === 'up' && up) return { gateway, direction, kind: up };
  const down = DOWN.find((name) => name === kind);
  if (direction === 'down' && down) return { gateway, direction, kind: down };
  return undefined;
}
