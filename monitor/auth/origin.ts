import { isIP } from 'node:net';

/** The name in a Host header, without port and brackets, in lower case. */
export function hostName(host: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, '')).toLowerCase();
}

/**
 * Does the Host header name this hub? Foreign names are refused, so that a page elsewhere cannot point a name of its own at
 * the hub (DNS rebinding). An IP address cannot be rebound.
 */
export function isOurHost(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return false;
  const name = hostName(host);
  return isIP(name) !== 0 || name === 'localhost' || names.some((ours) => ours.toLowerCase() === name);
}

export interface OriginHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** May this request change anything? A browser says where it comes from; programs say nothing and need a key anyway. */
export function isOwnPage(method: string, headers: OriginHeaders): boolean {
  if (SAFE_METHODS.includes(method)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}

/** Is the other end on this machine? */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}
