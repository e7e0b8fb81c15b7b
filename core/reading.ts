import type { FaultCode } from './faults.ts';

/** Milliseconds since 1970-01-01T00:00:00Z, whole. */
export type UnixMs = number;

/** `device/point` on a gateway; the hub puts `gateway/` in front. */
export type PointId = string;

/** Integers beyond ±2^53 are not values: they become the fault `value-too-large`. */
export type Value = number | boolean | string;

/** A reading without its point and time: the value, or the fault that replaced it. Never both, never neither. */
export type Outcome =
  | { readonly quality: 'good'; readonly value: Value }
  | { readonly quality: 'bad'; readonly fault: FaultCode };

export function good(value: Value): Outcome {
  return { quality: 'good', value };
}

export function bad(fault: FaultCode): Outcome {
  return { quality: 'bad', fault };
}

/** Names of devices and points. `status` is reserved for the device's own topic on the event bus. */
export const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** A gateway's id: also its certificate's common name and its MQTT client id. */
export const GATEWAY_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const RESERVED_NAMES: readonly string[] = ['status'];

export function pointId(device: string, point: string): PointId {
  return `${device}/${point}`;
}
