import type { UnixMs } from '../../core/reading.ts';
import type { KubeState, TwinValue } from './report-queue.ts';

/** What we say at KubeEdge's EventBus. An id is `namespace/name`, or the name alone before KubeEdge 1.16. */

const DEVICES = '$hw/events/device';
const DATA = '$ke/events/device';

export function twinTopic(id: string): string {
  return `${DEVICES}/${id}/twin/update`;
}

/** Asks what EdgeCore holds of a device. */
export function getTopic(id: string): string {
  return `${DEVICES}/${id}/twin/get`;
}

export function stateTopic(id: string): string {
  return `${DEVICES}/${id}/state/update`;
}

/** For third parties on the node; EdgeCore does not listen there. */
export function dataTopic(id: string): string {
  return `${DATA}/${id}/data/update`;
}

/** The type `string`, as EdgeCore has it of values that come by DMI: an empty text is then a value. `at` is Unix milliseconds. */
export function twinMessage(event: string, at: UnixMs, twins: readonly TwinValue[]): string {
  const metadata = { timestamp: at };
  const entries = twins.map(({ property, desired, reported }) => [
    property,
    {
      actual: { value: reported, metadata },
      ...(desired === '' ? {} : { expected: { value: desired, metadata } }),
      metadata: { type: 'string' },
    },
  ]);
  return JSON.stringify({ event_id: event, timestamp: at, twin: Object.fromEntries(entries) });
}

export function getMessage(event: string, at: UnixMs): string {
  return JSON.stringify({ event_id: event, timestamp: at });
}

export function stateMessage(event: string, at: UnixMs, state: KubeState): string {
  return JSON.stringify({ event_id: event, timestamp: at, state });
}

export interface DataValue {
  readonly property: string;
  readonly value: string;
  readonly at: UnixMs;
}

export function dataMessage(event: string, at: UnixMs, values: readonly DataValue[]): string {
  const data = values.map(({ property, value, at: taken }) => [
    property,
    { value, metadata: { timestamp: taken, type: 'string' } },
  ]);
  return JSON.stringify({ event_id: event, timestamp: at, data: Object.fromEntries(data) });
}
