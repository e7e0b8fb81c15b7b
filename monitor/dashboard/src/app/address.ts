import { signal } from '@preact/signals';

/** Where in the page one is: `#/<page>/<rest>?<query>`. It carries everything, so that a link in a message opens the same view. */
export interface Address {
  readonly page: string;
  readonly rest: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export const HOME = 'overview';
/** Addresses of earlier releases name a point and no page: `#/<gateway>/<device>/<point>`. */
const POINTS = 'points';
const POINT_PARTS = 3;

export const address = signal<Address>({ page: HOME, rest: [], query: {} });

export function parseAddress(hash: string, isPage: (key: string) => boolean): Address {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter((part) => part !== '');
  const query = Object.fromEntries(new URLSearchParams(search));
  const [page, ...rest] = parts.map(decode);
  if (page !== undefined && isPage(page)) return { page, rest, query };
  return parts.length === POINT_PARTS
    ? { page: POINTS, rest: parts.map(decode), query }
    : { page: HOME, rest: [], query };
}

export function addressHash({ page, rest = [], query = {} }: Partial<Address> & Pick<Address, 'page'>): string {
  const search = new URLSearchParams(query).toString();
  return `#/${[page, ...rest].map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

export function goTo(to: Partial<Address> & Pick<Address, 'page'>): void {
  location.hash = addressHash(to);
}

export function followAddress(isPage: (key: string) => boolean): void {
  const follow = () => {
    address.value = parseAddress(location.hash, isPage);
  };
  addEventListener('hashchange', follow);
  follow();
}

/** A link that somebody cut or typed may hold a lone `%`. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
