import { isIP } from 'node:net';
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import { parseTime } from '../../core/clock.ts';
import type { UnixMs } from '../../core/reading.ts';
import { certificatesOf } from './check-certificate.ts';
import type { Identity } from './identity.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const NOT_YET_VALID = 'CERT_NOT_YET_VALID';

/**
 * A TLS connection to the hub for a gateway whose clock is not set: to a Pi that believes in 1970 every certificate lies in the
 * future, and it would be locked out of the hub that could tell it the time. A certificate that is not valid *yet*, and is right in
 * everything else, is taken: signed by the pinned CA, for this name, for a server, and not expired at `now`. Nothing is sent before.
 */
export function connectEarly(
  { host, port }: { readonly host: string; readonly port: number },
  identity: Identity,
  now: UnixMs,
): TLSSocket {
  const socket = connect({
    host,
    port,
    cert: identity.certificate,
    key: identity.key,
    ca: identity.ca,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: false,
  });
  socket.cork();
  socket.once('secureConnect', () => {
    const wrong = findWrong(socket, host, identity.ca, now);
    if (wrong) socket.destroy(wrong);
    else socket.uncork();
  });
  return socket;
}

function findWrong(socket: TLSSocket, host: string, ca: string, now: UnixMs): Error | undefined {
  // Without rejecting, the host name is not looked at either; and TLS tells only the last thing that is wrong.
  const name = checkServerIdentity(host, socket.getPeerCertificate());
  if (name) return name;
  if (socket.authorized) return undefined;
  const code = String(socket.authorizationError);
  if (code !== NOT_YET_VALID) return coded(code);
  const own = socket.getPeerX509Certificate();
  const authority = certificatesOf(ca).find((each) => own?.checkIssued(each) && own.verify(each.publicKey));
  if (!own || !authority || !own.keyUsage?.includes(SERVER_AUTH)) return coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  const end = Math.min(...[own, authority].map(({ validTo }) => parseTime(validTo) ?? 0));
  return end < now ? coded('CERT_HAS_EXPIRED') : undefined;
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
