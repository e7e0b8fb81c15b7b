/** Nobody has a longer one, and what no CONNECT holds ends the process [MQTT 3.1.1, 1.5.3]. */
const MOST_URL = 1000;

/** MQTT's `connect` throws at a host, a port or a password that cannot be. */
export function isBrokerUrl(url: string): boolean {
  if (url.length > MOST_URL || !/^mqtts?:\/\/[^/\\?#\s]+$/.test(url) || !URL.canParse(url)) return false;
  const { hostname, port, username, password } = new URL(url);
  return hostname !== '' && port !== '0' && isDecodable(username) && isDecodable(password);
}

/** `tcp://host:1883` and `host:1883` are what mappers in Go take; undefined for anything else but MQTT. */
export function brokerUrl(address: string): string | undefined {
  const plain = address.trim().replace(/^tcp:\/\//, 'mqtt://');
  const url = plain.includes('://') ? plain : `mqtt://${plain}`;
  return isBrokerUrl(url) ? url : undefined;
}

/** Host and port of an address: what else is in it may be a password. */
export function placeOf(address: string): string {
  return address
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/^.*@/, '');
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
