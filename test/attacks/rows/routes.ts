import { type Attempt, harmless, type Row, refused, succeeded } from '../attempt.ts';
import type { Ask } from '../http.ts';
import { HEALTHY, type World } from '../world.ts';

interface Operation {
  readonly security: readonly object[];
  readonly summary: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly open: boolean;
  readonly role: string;
  readonly ask: Ask;
  /** Answers for as long as the caller stays. */
  readonly endless: boolean;
  readonly ofGateway: boolean;
}

const RANKS = ['viewer', 'operator', 'admin'];
/** A cookie of somebody at the provider is what these want: they send the browser on. */
const VALUES: Readonly<Record<string, string>> = { id: HEALTHY, kind: 'board', version: '0', name: 'owner' };

/** Every call there is, from the document that the hub itself publishes: none can be forgotten. */
async function calls(world: World): Promise<readonly Call[]> {
  const { paths } = JSON.parse((await world.ask('/api/v1/openapi.json')).text) as {
    paths: Record<string, Record<string, Operation>>;
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => callOf(path, method.toUpperCase(), operation)),
  );
}

function callOf(path: string, method: string, { security, summary, requestBody, responses }: Operation): Call {
  const ofGateway = path.includes('/gateways/{id}');
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'id' && !ofGateway ? 'a'.repeat(32) : (VALUES[name] ?? 'x'),
  );
  const [type] = Object.keys(requestBody?.content ?? {});
  const isJson = type === 'application/json' || type === undefined;
  const ask = {
    method,
    ...(method === 'GET' ? {} : isJson ? { body: {} } : { body: 'x', headers: { 'content-type': type } }),
  };
  const endless = Object.values(responses).some(
    ({ content }) => content !== undefined && 'text/event-stream' in content,
  );
  const role = /\(role: (\w+)\)$/.exec(summary)?.[1] ?? '';
  return { method, path: filled, open: security.length === 0, role, ask, endless, ofGateway };
}

export const roles: Row = {
  name: 'roles and sites',
  async run(world) {
    const all = await calls(world);
    const closed = all.filter(({ open }) => !open);
    const wrong: string[] = [];
    const note = (isWrong: boolean, who: string, { method, path }: Call, status: number) => {
      if (isWrong) wrong.push(`${who}: ${method} ${path} ${status}`);
    };
    let tried = 0;
    const attempt = async (call: Call) => {
      const nobody = await world.ask(call.path, call.ask);
      const revoked = await world.as('revoked', call.path, call.ask);
      note(nobody.status !== 401, 'nobody', call, nobody.status);
      note(revoked.status !== 401, 'a revoked key', call, revoked.status);
      tried += 2;
      for (const role of ['viewer', 'operator'] as const) {
        if (RANKS.indexOf(role) >= RANKS.indexOf(call.role)) continue;
        const answer = await world.as(role, call.path, call.ask);
        note(answer.status !== 403, role, call, answer.status);
        tried++;
      }
    };
    await Promise.all(closed.map(attempt));
    const unknown = closed.filter(({ role }) => !RANKS.includes(role)).map(({ path }) => path);
    if (unknown.length > 0) wrong.push(`no role is named: ${unknown.join(', ')}`);
    const what = `${tried} calls of ${closed.length} routes without the role for them`;
    return [
      wrong.length === 0 ? refused(what, 'each 401 or 403') : succeeded(what, wrong.join('; ')),
      await sites(world, closed),
      await reading(world, all),
    ];
  },
};

/** An administrator of one site sees nothing of another by any call. */
async function sites(world: World, all: readonly Call[]): Promise<Attempt> {
  const query = `?point=${HEALTHY}/meter/power&points=${HEALTHY}/meter/power&gateway=${HEALTHY}`;
  const wrong: string[] = [];
  const tried = all.filter(({ endless }) => !endless);
  const attempt = async ({ method, path, ask, ofGateway }: Call) => {
    const answers = [
      await world.as('elsewhere', path, ask),
      ...(method === 'GET' ? [await world.as('elsewhere', `${path}${query}`, ask)] : []),
    ];
    for (const { status, text } of answers) {
      const isTold = [`${HEALTHY}/meter`, '"Plant A"', `"id":"${HEALTHY}"`].some((word) => text.includes(word));
      if (status < 400 && (isTold || ofGateway)) wrong.push(`${method} ${path} ${status} ${text.slice(0, 60)}`);
    }
  };
  await Promise.all(tried.map(attempt));
  const what = `${tried.length} routes with a key of another site`;
  return wrong.length === 0 ? refused(what, 'nothing of it is told or done') : succeeded(what, wrong.join('; '));
}

/** What a foreign page can make a browser do without asking anybody: GET. The audit log has every change. */
async function reading(world: World, all: readonly Call[]): Promise<Attempt> {
  const gets = all.filter(({ method, endless }) => method === 'GET' && !endless);
  const acts = async () => {
    const { text } = await world.as('admin', '/api/v1/audit/export?format=ndjson');
    return text.split('\n').filter((line) => /"outcome":"(begun|done)"/.test(line)).length;
  };
  const before = await acts();
  await Promise.all(gets.map(({ path }) => world.as('admin', path, { headers: { 'sec-fetch-site': 'cross-site' } })));
  const changed = (await acts()) - before;
  return harmless(
    `${gets.length} routes by a link on a foreign page`,
    changed === 0,
    `${changed} changes in the audit log`,
  );
}

/** As the audit log names what rows before this one have tried. */
const GATEWAY_ACTS = ['handshake', 'connect', 'publish', 'subscribe', 'packet'].map((act) => `gateway ${act}`);

export const audit: Row = {
  name: 'audit log',
  async run(world) {
    const verify = () => world.json<{ intact?: boolean; rows?: number }>('admin', '/api/v1/audit/verify');
    const before = await verify();
    const tries = await Promise.all(
      ['POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) =>
        ['/api/v1/audit', '/api/v1/audit/1', '/api/v1/audit/export', '/api/v1/audit/verify'].map((path) =>
          world.as('admin', path, { method, body: {} }),
        ),
      ),
    );
    const after = await verify();
    const unseen = await Promise.all(
      GATEWAY_ACTS.map(async (action) => {
        const path = `/api/v1/audit?outcome=refused&action=${encodeURIComponent(action)}`;
        const { acts } = await world.json<{ acts: readonly unknown[] }>('admin', path);
        return acts.length === 0 ? [action] : [];
      }),
    );
    const isWritten = tries.some(({ status }) => status < 400);
    const what = 'writing, changing and removing rows by the API';
    const text = JSON.stringify(after);
    return [
      harmless(
        'what gateways were refused until now',
        unseen.flat().length === 0,
        `not written: ${unseen.flat().join() || 'none'}`,
      ),
      isWritten
        ? succeeded(what, 'a call was taken')
        : refused(what, [...new Set(tries.map(({ status }) => status))].join()),
      harmless(
        'the chain after all of it',
        !/"(intact|whole|ok)":false/.test(text),
        `${JSON.stringify(before)} ${text}`,
      ),
    ];
  },
};
