import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { survey } from '../../core/survey.ts';

const thing = z
  .strictObject({
    name: z.string(),
    note: z.string().optional(),
    size: z.number().max(9).default(1),
    colour: z.enum(['red', 'blue']).optional(),
  })
  .refine(({ size, colour }) => size < 5 || colour !== 'red', { path: ['colour'], message: 'is not for large things' });
const schema = z.strictObject({ title: z.string().optional(), things: z.array(thing) });

const placesOf = (document: unknown) => survey(schema, document).issues.map(({ path }) => path.join('.'));

describe('a survey', () => {
  test('finds what stands behind the first layer of mistakes', () => {
    const document = { things: [{ name: 'a', size: 7, colour: 'red', note: 1 }] };
    expect(schema.safeParse(document).error?.issues.map(({ path }) => path.join('.'))).toEqual(['things.0.note']);
    expect(placesOf(document)).toEqual(['things.0.note', 'things.0.colour']);
  });

  test('tells nothing twice, and no echo of what it took out itself', () => {
    const { issues, missing, rest } = survey(schema, { things: [{ name: 5, size: 99 }, { name: 'b' }] });
    expect(issues.map(({ path }) => path.join('.'))).toEqual(['things.0.name', 'things.0.size']);
    expect(missing).toEqual([]);
    expect(rest?.value).toEqual({ things: [{ name: 'b', size: 1 }] });
  });

  test('two things missing in one are told both, and its neighbour stays', () => {
    const pump = z.strictObject({ name: z.string(), channel: z.string() });
    const { issues, rest } = survey(z.array(pump), [{}, { name: 'b', channel: 'c' }, {}]);
    expect(issues.map(({ path }) => path.join('.'))).toEqual(['0.name', '0.channel', '2.name', '2.channel']);
    expect(rest?.value).toEqual([{ name: 'b', channel: 'c' }]);
  });

  test('a complaint that something is missing says nothing new where it was taken out', () => {
    const place = z.strictObject({ at: z.strictObject({ register: z.number().max(9).optional() }).optional() });
    const needed = place.transform(({ at }, context) => {
      if (at && at.register === undefined)
        context.addIssue({ code: 'custom', path: ['at'], message: '`register` is missing' });
    });
    expect(survey(needed, { at: { register: 99 } }).issues.map(({ path }) => path.join('.'))).toEqual(['at.register']);
    expect(survey(needed, { at: {} }).issues.map(({ path }) => path.join('.'))).toEqual(['at']);
  });

  test('names what went as a whole', () => {
    const pump = z.strictObject({ name: z.string(), channel: z.string() });
    const { issues, missing } = survey(z.strictObject({ pumps: z.array(pump) }), { pumps: [{ name: 'feed' }] });
    expect([issues.length, missing]).toEqual([1, ['feed']]);
  });

  test('a hopeless document is told, and nothing is left of it', () => {
    for (const document of [null, 5, 'x', [], {}]) {
      const { issues, rest } = survey(schema, document);
      expect(issues.length).toBeGreaterThan(0);
      expect(rest).toBeUndefined();
    }
  });

  test('every mistake at its place in the document, whatever was taken out before it', () => {
    const part = fc.record({
      name: fc.oneof(fc.constant('ok'), fc.constant(7)),
      size: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(99)),
      colour: fc.constantFrom('blue', 'green'),
      extra: fc.boolean(),
      bare: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const things = parts.map(({ extra, bare, name, ...rest }) => ({
          ...rest,
          ...(bare ? {} : { name }),
          ...(extra ? { extra: 1 } : {}),
        }));
        const expected = parts.flatMap(({ name, size, colour, extra, bare }, i) => [
          ...(bare || name === 7 ? [`things.${i}.name`] : []),
          ...(size === 99 ? [`things.${i}.size`] : []),
          ...(colour === 'green' ? [`things.${i}.colour`] : []),
          ...(extra ? [`things.${i}`] : []),
        ]);
        const { issues, rest, placeOf } = survey(schema, { things });
        expect(issues.map(({ path }) => path.join('.')).sort()).toEqual(expected.sort());
        const left = rest?.value.things ?? [];
        left.forEach((each, i) => {
          const [, original] = placeOf(['things', i]);
          expect(each.name).toBe(parts[original as number]?.name);
        });
        expect(left.length).toBe(parts.filter(({ name, bare }) => name === 'ok' && !bare).length);
      }),
      { numRuns: 300 },
    );
  });
});
