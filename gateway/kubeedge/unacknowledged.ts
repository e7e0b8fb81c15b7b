import type { MqttClient } from 'mqtt';

/**
 * Takes back what a broker has not acknowledged. The library would keep each message and send all of them again with the next connection,
 * long overtaken, before anything new; what is told here is only ever the newest. Whoever waits for one is told that it failed.
 */
export function dropUnacknowledged(client: MqttClient): void {
  for (const id of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(id));
}
