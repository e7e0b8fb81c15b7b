import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dayOf } from '../../../core/rules/holidays.ts';
import { LocalDays } from '../../../monitor/local-days.ts';
import { ReceiverFault } from '../../../monitor/notify/channels/channel.ts';
import type { Letter } from '../../../monitor/notify/channels/mail.ts';
import { ReportMail } from '../../../monitor/reports/report-mail.ts';
import { lastDue, nextDue, scheduleSchema } from '../../../monitor/reports/schedule.ts';
import { HOUR, MIDNIGHT, MIN, SITE, startPlant } from './plant.ts';

const DAY = 24 * HOUR;

describe('when a report is due', () => {
  const seoul = new LocalDays('Asia/Seoul');
  const at = (text: string) => Date.parse(text);
  test.each([
    ['daily', '2026-11-20T06:59:00+09:00', '2026-11-19T07:00:00+09:00', '2026-11-18', '2026-11-20T07:00:00+09:00'],
    ['daily', '2026-11-20T07:00:00+09:00', '2026-11-20T07:00:00+09:00', '2026-11-19', '2026-11-21T07:00:00+09:00'],
    ['weekly', '2026-11-20T12:00:00+09:00', '2026-11-16T07:00:00+09:00', '2026-11-09', '2026-11-23T07:00:00+09:00'],
    ['weekly', '2026-11-16T06:00:00+09:00', '2026-11-09T07:00:00+09:00', '2026-11-02', '2026-11-16T07:00:00+09:00'],
    ['monthly', '2026-12-01T07:30:00+09:00', '2026-12-01T07:00:00+09:00', '2026-11-01', '2027-01-01T07:00:00+09:00'],
    ['monthly', '2026-12-01T06:30:00+09:00', '2026-11-01T07:00:00+09:00', '2026-10-01', '2026-12-01T07:00:00+09:00'],
  ] as const)('%s, asked at %s', (kind, now, due, firstDay, next) => {
    const last = lastDue({ kind, at: '07:00' }, at(now), seoul);
    expect([last.at, last.period.firstDay]).toEqual([at(due), dayOf(firstDay)]);
    expect(nextDue({ kind, at: '07:00' }, at(now), seoul).at).toBe(at(next));
  });

  test('at the time that the clock shows, also on the day on which it is set', () => {
    const berlin = new LocalDays('Europe/Berlin');
    const due = lastDue({ kind: 'daily', at: '07:00' }, at('2026-03-29T12:00:00Z'), berlin);
    expect(due.at).toBe(at('2026-03-29T07:00:00+02:00'));
  });

  test('what no mail goes to is refused', () => {
    const given = { name: 'x', site: SITE, kind: 'daily', at: '07:00', to: ['a@b'] };
    expect(scheduleSchema.safeParse(given).success).toBe(true);
    for (const to of ['nobody', 'a@b, c@d', 'a b@c', '<a@b>'])
      expect(scheduleSchema.safeParse({ ...given, to: [to] }).success).toBe(false);
    expect(scheduleSchema.safeParse({ ...given, at: '25:00' }).success).toBe(false);
  });
});

describe('reports by mail', () => {
  let hub: Awaited<ReturnType<typeof startPlant>>;
  let letters: Letter[];
  let failing: (() => Error) | undefined;
  const never = new AbortController().signal;

  beforeEach(async () => {
    letters = [];
    failing = undefined;
    hub = await startPlant({
      send: async (letter) => {
        if (failing) throw failing();
        letters.push(letter);
        return '250 ok';
      },
    });
    await hub.documents.save({
      ...{ kind: 'report-schedule', id: 'morning', name: '아침', from: 0, by: 'x', at: MIDNIGHT + 25 * HOUR },
      body: scheduleSchema.parse({
        ...{ name: '아침', site: SITE, kind: 'daily', language: 'ko', at: '07:00' },
        ...{ to: ['chief@example.com'], formats: ['pdf', 'xlsx'] },
      }),
    });
  });
  afterEach(() => hub.stop());

  const look = (mail = hub.context.reportMail) => mail.look(hub.clock.now(), never);
  const newest = async () => (await hub.context.reportMail.runs.newest(9)).filter((run) => run.schedule === 'morning');
  /** The same hub after a restart: nothing is remembered but what is stored. */
  const restarted = () => new ReportMail({ ...hub.context, sender: () => async (letter) => `${letters.push(letter)}` });

  test('what was missed is sent once, says that it is late, and holds the files', async () => {
    // Due at 07:00; now it is 09:00.
    await look();
    await look();
    await look(restarted());
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ to: ['chief@example.com'], subject: `일일 보고서 · ${SITE} · 2026-11-20` });
    expect(letters[0]?.text).toContain('예정 시각(2026-11-21 07:00)보다 늦게');
    expect(letters[0]?.text).toContain('알람 3건 발생');
    expect(letters[0]?.attachments?.map(({ filename }) => filename)).toEqual([
      'daily_2026-11-20_Seoul-plant-1.pdf',
      'daily_2026-11-20_Seoul-plant-1.xlsx',
    ]);
    expect(letters[0]?.attachments?.[0]?.content.subarray(0, 5).toString()).toBe('%PDF-');
    const [run] = await newest();
    expect(run).toMatchObject({ state: 'sent', attempts: 1, due: MIDNIGHT + 31 * HOUR, from: MIDNIGHT });
    expect(await hub.context.reports.store.list([SITE], 9)).toMatchObject([{ id: run?.report, madeBy: '아침' }]);
  });

  test('the next day it is sent in time; of days that the hub was off, only the last', async () => {
    await look();
    await hub.clock.advance(22 * HOUR);
    await look();
    expect(letters).toHaveLength(2);
    expect(letters[1]?.text).not.toContain('늦게');
    await hub.clock.advance(3 * DAY);
    await look();
    expect(letters.map(({ subject }) => subject.slice(-10))).toEqual(['2026-11-20', '2026-11-21', '2026-11-24']);
  });

  test('what was due before the schedule was made is not sent', async () => {
    const body = scheduleSchema.parse({ name: 'new', site: SITE, kind: 'weekly', at: '07:00', to: ['a@b'] });
    await hub.documents.save({
      ...{ kind: 'report-schedule', id: 'new', name: 'new', body, from: 0, by: 'x', at: hub.clock.now() },
    });
    await look();
    expect(letters).toHaveLength(1);
  });

  test('a failure is shown and tried again, later each time, with the very report', async () => {
    failing = () => new ReceiverFault('receiver-failed', 'ECONNREFUSED');
    await look();
    const [first] = await newest();
    expect(first).toMatchObject({ state: 'waiting', attempts: 1, error: expect.stringContaining('ECONNREFUSED') });
    await look();
    expect((await newest())[0]?.attempts).toBe(1);
    await hub.clock.advance(MIN);
    await look();
    expect((await newest())[0]).toMatchObject({ attempts: 2, nextAt: hub.clock.now() + 2 * MIN });
    await hub.clock.advance(2 * MIN);
    failing = undefined;
    await look();
    const [run] = await newest();
    expect(run).toMatchObject({ state: 'sent', attempts: 3, report: first?.report });
    expect(run).not.toHaveProperty('error');
    expect(letters[0]?.id).toBe(first?.id);
    expect(await hub.context.reports.store.list([SITE], 9)).toHaveLength(1);
  });

  test('who is refused for now gets it alone, over a restart too; who is refused for good is named', async () => {
    const { body } = await hub.documents.get('report-schedule', 'morning');
    await hub.documents.save({
      ...{ kind: 'report-schedule', id: 'morning', name: 'x', from: 1, by: 'x', at: MIDNIGHT + 25 * HOUR },
      body: { ...(body as object), to: ['chief@b', 'lee@b', 'typo@b'] },
    });
    const rejected = [
      { to: 'lee@b', detail: '451 later', isForEver: false },
      { to: 'typo@b', detail: '550 nobody', isForEver: true },
    ];
    failing = () => new ReceiverFault('receiver-failed', '', { rejected });
    await look();
    expect((await newest())[0]).toMatchObject({ state: 'waiting', error: expect.stringContaining('lee@b') });
    await hub.clock.advance(MIN);
    await look(restarted());
    expect(letters.map(({ to }) => to)).toEqual([['lee@b']]);
    expect((await newest())[0]).toMatchObject({ state: 'given-up', error: expect.stringMatching(/typo@b\); told: 2/) });
  });

  test('asked to stop while the report is made: nothing goes out, and it is sent after the start', async () => {
    const stop = new AbortController();
    const { reports } = hub.context;
    const file = reports.file.bind(reports);
    vi.spyOn(reports, 'file').mockImplementationOnce((...asked) => {
      stop.abort();
      return file(...asked);
    });
    const sender = () => async (letter: Letter, signal: AbortSignal) => {
      signal.throwIfAborted();
      return `${letters.push(letter)}`;
    };
    await new ReportMail({ ...hub.context, sender }).look(hub.clock.now(), stop.signal);
    expect(letters).toEqual([]);
    await look(restarted());
    expect(letters).toHaveLength(1);
  });

  test('a refusal for good is not tried again', async () => {
    failing = () => new ReceiverFault('receiver-refused', '550 no such user');
    await look();
    expect((await newest())[0]).toMatchObject({ state: 'given-up', error: expect.stringContaining('550') });
    failing = undefined;
    await hub.clock.advance(HOUR);
    await look();
    expect(await newest()).toMatchObject([{ state: 'given-up', attempts: 1 }]);
    expect(letters).toEqual([]);
  });

  test('send now: sent although it was sent before; who may, and what became of it', async () => {
    await look();
    const post = (role: 'operator' | 'admin') =>
      hub.server.inject({
        ...{ method: 'POST', url: '/api/v1/reports/schedules/morning/send', payload: {} },
        headers: { host: 'localhost', authorization: `Bearer ${hub.keys[role]}` },
      });
    expect((await post('operator')).statusCode).toBe(403);
    expect((await post('admin')).json()).toMatchObject({ state: 'sent', from: MIDNIGHT });
    failing = () => new ReceiverFault('receiver-failed', 'no answer in time');
    await hub.clock.advance(MIN);
    expect((await post('admin')).json()).toMatchObject({
      state: 'given-up',
      error: expect.stringContaining('no answer'),
    });
    expect(letters).toHaveLength(2);
    const { schedules, hasServer } = (await hub.get('/api/v1/reports/schedules')).json();
    expect(hasServer).toBe(true);
    expect(schedules).toMatchObject([{ id: 'morning', next: MIDNIGHT + 55 * HOUR, runs: [{}, {}, {}] }]);
  });

  test('without a mail server it says so', async () => {
    const mute = new ReportMail({ ...hub.context, sender: () => undefined });
    await mute.look(hub.clock.now(), never);
    expect((await newest())[0]).toMatchObject({ state: 'waiting', error: expect.stringContaining('smtp') });
  });

  const change = async (from: number, to: object) => {
    const { body } = await hub.documents.get('report-schedule', 'morning');
    const as = { kind: 'report-schedule' as const, id: 'morning', name: 'x', by: 'x', at: hub.clock.now() };
    await hub.documents.save({ ...as, from, body: { ...(body as object), ...to } });
  };

  test('one that is switched off is not sent; switched on again, it begins with the next', async () => {
    await change(1, { enabled: false });
    await look();
    await change(2, { enabled: true });
    await look();
    expect(letters).toEqual([]);
    await hub.clock.advance(DAY);
    await look();
    expect(letters).toHaveLength(1);
  });

  test('another time, before or after that time of today: a period that was sent is not sent again', async () => {
    // Sent at 09:00, since it was due at 07:00.
    await look();
    await change(1, { at: '08:00' });
    await look();
    await change(2, { at: '11:00' });
    await hub.clock.advance(3 * HOUR);
    await look();
    expect(letters).toHaveLength(1);
    await hub.clock.advance(DAY);
    await look();
    expect(letters.map(({ subject }) => subject.slice(-10))).toEqual(['2026-11-20', '2026-11-21']);
  });

  test('one that could not be sent yet is still tried when the time is changed', async () => {
    failing = () => new ReceiverFault('receiver-failed', 'ECONNREFUSED');
    await look();
    await change(1, { at: '11:00' });
    await hub.clock.advance(3 * HOUR);
    failing = undefined;
    await look();
    expect(letters).toHaveLength(1);
    expect(await newest()).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  test('a change of who gets it makes no difference to when', async () => {
    await change(1, { to: ['other@example.com'] });
    await look();
    expect(letters).toMatchObject([{ to: ['other@example.com'] }]);
  });
});
