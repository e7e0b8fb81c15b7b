import { deflateSync } from 'node:zlib';
import { type Attempt, harmless, type Row, refused, succeeded } from '../attempt.ts';
import { type Answer, shortly } from '../http.ts';
import { HEALTHY, type World } from '../world.ts';

const SVG = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">${inside}</svg>`;
const BILLION = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&b;&b;</text></svg>`;
const FILE = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&x;</text></svg>`;

const upload = (world: World, type: string, body: string | Buffer) =>
  world.as('operator', '/api/v1/pictures', { method: 'POST', body, headers: { 'content-type': type } });

/** A picture with a script is a picture: it is sent with a policy under which nothing runs. */
export const pictures: Row = {
  name: 'pictures',
  async run(world) {
    const found: Attempt[] = [];
    for (const [what, inside] of [
      ['an SVG with a script', '<script>alert(1)</script>'],
      ['an SVG with a handler', '<g onload="alert(1)"/>'],
      ['an SVG with a frame of a page', '<foreignObject><iframe src="javascript:alert(1)"/></foreignObject>'],
    ] as const) {
      const answer = await upload(world, 'image/svg+xml', SVG(inside));
      if (answer.status !== 201) found.push(refused(what, shortly(answer)));
      else found.push(await isTame(world, what, JSON.parse(answer.text).id));
    }
    const png = Buffer.concat([
      Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      Buffer.from('0000fde80000fde80802000000', 'hex'),
      deflateSync(Buffer.alloc(99)),
    ]);
    for (const [what, type, body] of [
      ['an SVG of entities', 'image/svg+xml', BILLION],
      ['an SVG that names a file', 'image/svg+xml', FILE],
      ['HTML called a picture', 'image/png', '<html><script>alert(1)</script></html>'],
      ['HTML as HTML', 'text/html', '<html></html>'],
      ['a PNG of 65,000 by 65,000', 'image/png', png],
      ['a picture of 20 MB', 'image/png', Buffer.alloc(20e6)],
    ] as const) {
      const answer = await upload(world, type, body);
      if (answer.status === 201) found.push(await isTame(world, what, JSON.parse(answer.text).id));
      else found.push(answer.status < 500 ? refused(what, shortly(answer)) : succeeded(what, shortly(answer)));
    }
    return found;
  },
};

async function isTame(world: World, what: string, id: string): Promise<Attempt> {
  const { headers, text } = await world.as('viewer', `/api/v1/pictures/${id}`);
  const policy = String(headers['content-security-policy']);
  const holds = /default-src 'none'.*sandbox(;|$)/.test(policy) && headers['x-content-type-options'] === 'nosniff';
  return harmless(what, holds && !text.includes('root:'), `sent with: ${policy}`);
}

const SCRIPT = '<img src=x onerror=alert(1)>';

export const texts: Row = {
  name: 'texts and files',
  async run(world) {
    const board = { name: SCRIPT, tiles: [{ id: 'a', kind: 'text', x: 0, y: 0, width: 2, height: 2, text: SCRIPT }] };
    const saved = await world.post('operator', '/api/v1/documents/board/evil', { from: 0, body: board });
    const read = await world.as('viewer', '/api/v1/documents/board/evil');
    return [
      harmless(
        'a board of markup',
        saved.status < 500 && isJson(read),
        `${saved.status}, served as data, never as a page`,
      ),
      await formulas(world),
      ...(await fileNames(world)),
    ];
  },
};

function isJson({ headers, status }: Answer): boolean {
  return status === 404 || String(headers['content-type']).startsWith('application/json');
}

/** What people type stands in files that a spreadsheet opens. */
async function formulas(world: World): Promise<Attempt> {
  const what = 'a formula in the audit log as CSV';
  const formula = '=cmd|calc!A1';
  await world.as('admin', '/api/v1/keys', { method: 'POST', body: { name: formula, role: 'viewer', sites: null } });
  await world.ask(`/api/v1/${encodeURIComponent(formula)}`, { method: 'POST', headers: { host: 'evil.example' } });
  const { text, headers } = await world.as('admin', '/api/v1/audit/export?format=csv');
  const cells = text.split(/\r?\n/).flatMap((line) => line.split(','));
  const bare = cells.filter((cell) => /^"?[=+@\t\r-]/.test(cell));
  return harmless(
    what,
    bare.length === 0 && String(headers['content-type']).startsWith('text/csv'),
    `${bare.length} cells begin like a formula`,
  );
}

async function fileNames(world: World): Promise<Attempt[]> {
  const point = `${HEALTHY}/meter/power`;
  const evil = encodeURIComponent('1h"\r\nSet-Cookie: a=b\r\n');
  const tries = [
    `/api/v1/export?point=${point}&step=${evil}`,
    `/api/v1/export?point=${evil}`,
    `/api/v1/export?point=${point}&format=${evil}`,
  ];
  const found: Attempt[] = [];
  for (const path of tries) {
    const answer = await world.as('viewer', path);
    const what = `a line break in a file's name: ${path.split('?')[1]?.slice(0, 24)}…`;
    const isIn = answer.headers['set-cookie'] !== undefined || answer.status >= 500;
    found.push(isIn ? succeeded(what, shortly(answer)) : refused(what, shortly(answer)));
  }
  return found;
}

/** Every kind of answer says what a browser may do with it. */
export const policies: Row = {
  name: 'pages',
  async run(world) {
    const html = await world.ask('/');
    const assets = [...html.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path as string);
    const places = [
      '/',
      '/index.html',
      '/healthz',
      '/readyz',
      '/metrics',
      '/nowhere',
      '/api/v1',
      '/api/v1/openapi.json',
      ...assets,
    ];
    const wrong: string[] = [];
    for (const path of places) {
      const { headers, status } = await world.ask(path);
      const policy = String(headers['content-security-policy']);
      const isStrict =
        policy.includes("default-src 'none'") && policy.includes("script-src 'self'") && !policy.includes('unsafe');
      if (!isStrict || !policy.includes("frame-ancestors 'none'") || headers['x-content-type-options'] !== 'nosniff')
        wrong.push(`${path} ${status}`);
    }
    const what = `${places.length} pages and files without a strict policy`;
    const inline = /<script(?![^>]*src=)|\son\w+=|style="/.test(html.text);
    const stream = await world.ask('/api/v1/stream');
    const live = await world.ask('/api/v1/stream?beats=1', { headers: { accept: 'text/event-stream' } });
    return [
      wrong.length === 0 ? refused(what, 'each has one') : succeeded(what, wrong.join(', ')),
      harmless('scripts and styles within the page', !inline, 'there are none'),
      stream.status === 401 && live.status === 401
        ? refused('live values without a login', '401')
        : succeeded('live values without a login', `${stream.status} ${live.status}`),
    ];
  },
};
