import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Meta } from '../../gateway/journal/meta.ts';
import { readDocument, writeDocument } from '../../gateway/journal/meta-text.ts';
import { nodeDisk } from '../../gateway/journal/node-disk.ts';
import { isSound } from '../../gateway/journal/verify-journal.ts';
import { damaging, firstsOf, forgetCleanEnd } from '../support/journal-home.ts';
import { useJournals } from '../support/use-journals.ts';

const journals = useJournals();

/** A journal of five frames that was stopped in order. */
async function written(): Promise<{ epoch: string; segment: string; hello: unknown }> {
  const running = await journals.start();
  await running.publish();
  for (let frame = 0; frame < 5; frame++) await running.scan();
  const { epoch } = running.journal;
  const hello = running.journal.epochs();
  await journals.stop(running);
  return { epoch, segment: join(journals.folder, epoch, '0'.repeat(16)), hello };
}

const setAside = () => readdirSync(join(journals.folder, 'set-aside')).sort();
const filesOf = (path: string, end: RegExp) => readdirSync(path).filter((name) => end.test(name));

describe('the segment being written', () => {
  test.each(['CURRENT', 'MANIFEST'])(
    'without its %s: mended, nothing is lost, the original is set aside',
    async (what) => {
      const { epoch, segment } = await written();
      for (const name of filesOf(segment, new RegExp(`^${what}`))) rmSync(join(segment, name));
      const running = await journals.start();
      expect(await firstsOf(running)).toEqual([0, 1, 11, 21, 31, 41]);
      expect(running.journal.gaps()).toEqual([]);
      await running.scan();
      expect((await firstsOf(running)).at(-1)).toBe(51);
      expect(setAside()).toEqual([`database-000001-${epoch}-${'0'.repeat(16)}`]);
    },
  );

  test('with nothing in it that can be read: declared, and numbering goes on where it was left', async () => {
    const { epoch, segment } = await written();
    for (const name of readdirSync(segment)) truncateSync(join(segment, name), 0);
    const running = await journals.start();
    expect(running.journal.next).toBe(51);
    await running.scan();
    expect(await firstsOf(running)).toEqual([51]);
    expect(running.journal.gaps()).toMatchObject([{ epoch, from: 0, to: 51, reason: 'journal-damaged' }]);
  });

  test('after a cut, mended or not, no number is used again', async () => {
    const { segment } = await written();
    await forgetCleanEnd(journals.folder);
    rmSync(join(segment, 'CURRENT'));
    const running = await journals.start();
    expect(running.journal.next).toBeGreaterThan(51);
    expect(running.journal.gaps()).toMatchObject([{ from: 51, to: running.journal.next }]);
  });
});

describe('meta', () => {
  test.each(['gone', 'empty', 'garbage'])(
    '%s: made anew from the frames; epoch, numbers, chain and boots stay',
    async (how) => {
      const { epoch } = await written();
      const second = await journals.start();
      await second.scan();
      const [before] = second.journal.epochs();
      const catalogue = second.journal.knownCatalogue();
      await journals.stop(second);
      const meta = join(journals.folder, 'meta');
      if (how === 'gone') rmSync(meta, { recursive: true });
      else for (const name of readdirSync(meta)) writeFileSync(join(meta, name), how === 'empty' ? '' : 'garbage\n');
      const running = await journals.start();
      expect(running.journal.epoch).toBe(epoch);
      const [after] = running.journal.epochs();
      expect(after).toMatchObject({ next: before?.next, chain: before?.chain, floor: 0, confirmed: 0 });
      // The first two boots as they were: their frames tell.
      expect(after?.boots.slice(0, 2)).toEqual(before?.boots);
      expect(running.journal.boot).toBe(3);
      expect(running.journal.knownCatalogue()).toEqual(catalogue);
      await running.scan();
      expect(await firstsOf(running)).toEqual([0, 1, 11, 21, 31, 41, 51, 61]);
      expect(running.journal.gaps()).toEqual([]);
    },
  );

  test('a document with a flipped bit is none', () => {
    const stored = writeDocument({ reserved: 65_536 });
    expect(readDocument(stored)).toEqual({ reserved: 65_536 });
    stored[stored.indexOf('6')] = '1'.charCodeAt(0);
    expect(readDocument(stored)).toBeUndefined();
  });

  test('that has lost its end in silence is noticed by the frames, which are newer', async () => {
    await written();
    const meta = join(journals.folder, 'meta');
    for (const name of filesOf(meta, /\.(log|ldb)$/)) {
      const bytes = readFileSync(join(meta, name)).toString('latin1');
      writeFileSync(join(meta, name), bytes.replaceAll('"reserved":65', '"reserved":15'), 'latin1');
    }
    const running = await journals.start();
    expect(running.journal.next).toBe(51);
    await journals.stop(running);
    const again = await Meta.open(journals.folder, nodeDisk, { create: false });
    expect(again.get('epochs').at(-1)?.reserved).toBeGreaterThanOrEqual(51 + 65_536);
    await again.close();
  });

  test('is read as an older release has written it', async () => {
    await written();
    const store = await nodeDisk.open(join(journals.folder, 'meta'), { create: false });
    const old: { key: Buffer; value: Buffer }[] = [];
    for await (const [key, value] of store.entries(Buffer.alloc(0)))
      old.push({ key, value: Buffer.from(JSON.stringify(JSON.parse(value.toString()))) });
    await store.write(old);
    await store.close();
    const meta = await Meta.open(journals.folder, nodeDisk, { create: false });
    expect([meta.isWhole, meta.get('boot'), meta.get('epochs').length]).toEqual([true, 1, 1]);
    await meta.close();
  });
});

test('a crash while one is mended: it is mended again, or taken', async () => {
  const { segment, epoch } = await written();
  const mended = join(journals.folder, epoch, `mended-${'0'.repeat(16)}`);
  cpSync(segment, mended, { recursive: true });
  await journals.stop(await journals.start());
  expect(readdirSync(join(journals.folder, epoch))).toEqual(['0'.repeat(16)]);
  cpSync(segment, mended, { recursive: true });
  rmSync(segment, { recursive: true });
  expect(await firstsOf(await journals.start())).toEqual([0, 1, 11, 21, 31, 41]);
});

test('a damaged frame is set aside as it was found, once', async () => {
  const { epoch } = await written();
  const running = await journals.start({ openStore: damaging(new Set([11]), 'frame') });
  for (let round = 0; round < 2; round++) expect(await firstsOf(running)).toEqual([0, 1, 21, 31, 41]);
  expect(setAside()).toEqual([expect.stringMatching(`^frame-${epoch}-000000000000000b`)]);
});

describe('verify', () => {
  test('tells what is whole, damaged and missing, and whether it is declared', async () => {
    const { epoch } = await written();
    const sound = await journals.start();
    const [whole] = await sound.journal.verify();
    expect(whole).toMatchObject({
      epoch,
      floor: 0,
      next: 51,
      frames: 6,
      records: 51,
      damaged: 0,
      holes: [],
      chainBreaks: [],
    });
    await journals.stop(sound);
    const running = await journals.start({ openStore: damaging(new Set([11]), 'frame') });
    const hole = { from: 11, to: 21 };
    const [before] = await running.journal.verify();
    expect(before).toMatchObject({ frames: 5, records: 41, damaged: 1, holes: [{ ...hole, undeclared: true }] });
    await firstsOf(running);
    const [after] = await running.journal.verify();
    expect(after).toMatchObject({ holes: [{ ...hole, undeclared: false }] });
    expect([whole, before, after].map((each) => each && isSound(each))).toEqual([true, false, true]);
  });
});
