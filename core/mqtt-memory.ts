import { writeToStream } from 'mqtt-packet';

/**
 * What writes MQTT packets, client and broker alike, makes a buffer for each number of two bytes with the first packet: 65,536 objects,
 * 8 MB and 10 ms. A process that sends a few packets a second makes the two bytes when it wants them. To be said before the first packet.
 */
export function withoutNumberCache(): void {
  writeToStream.cacheNumbers = false;
}
