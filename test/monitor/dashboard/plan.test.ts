import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cluster, nameSpot, overlap } from '../../../monitor/dashboard/src/pages/plan/cluster.ts';
import { boundsOf, isInside, scaleBar, shapesAt, snap } from '../../../monitor/dashboard/src/pages/plan/geometry.ts';
import {
  addCorner,
  addMarker,
  addShape,
  alignMarkers,
  type Corner,
  emptyPlan,
  findPart,
  moveCorner,
  moveParts,
  type PartRef,
  type Plan,
  removeCorner,
  removeParts,
  renamePart,
  setZoneDevices,
} from '../../../monitor/dashboard/src/pages/plan/plan.ts';
import { floorPlanSchema } from '../../../monitor/documents/floor-plan.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const corner: fc.Arbitrary<Corner> = fc.tuple(share, share);
const way = fc.double({ min: -2, max: 2, noNaN: true });

/** One thing that somebody does in the edit mode. */
type Step = (plan: Plan) => Plan;
const picked = (plan: Plan, index: number): PartRef | undefined => {
  const refs: PartRef[] = [
    ...plan.rooms.map(({ id }) => ({ kind: 'room' as const, id })),
    ...plan.zones.map(({ id }) => ({ kind: 'zone' as const, id })),
    ...plan.markers.map(({ id }) => ({ kind: 'marker' as const, id })),
  ];
  return refs[index % Math.max(1, refs.length)];
};
const onPart =
  (make: (ref: PartRef) => Step) =>
  (index: number): Step => {
    return (plan) => {
      const ref = picked(plan, index);
      return ref ? make(ref)(plan) : plan;
    };
  };
const isShape = ({ kind }: PartRef) => kind !== 'marker';
const added: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom('room', 'zone', 'marker'), corner, corner)
  .map(([kind, from, to]) => (plan) => {
    if (kind === 'marker') return addMarker(plan, { point: 'g/d/p' }, from).plan;
    return addShape(plan, kind === 'room' ? 'room' : 'zone', 'A', [from, to]).plan;
  });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: added },
  fc
    .tuple(fc.nat(), way, way)
    .map(([index, dx, dy]) => onPart((ref) => (plan) => moveParts(plan, [ref], dx, dy))(index)),
  fc
    .tuple(fc.nat(), fc.nat(6), corner)
    .map(([index, at, to]) => onPart((ref) => (plan) => (isShape(ref) ? moveCorner(plan, ref, at, to) : plan))(index)),
  fc
    .tuple(fc.nat(), fc.nat(6))
    .map(([index, at]) =>
      onPart((ref) => (plan) => (isShape(ref) ? removeCorner(addCorner(plan, ref, at), ref, at + 2) : plan))(index),
    ),
  fc.nat().map(onPart((ref) => (plan) => removeParts(plan, [ref]))),
  fc.nat().map(onPart((ref) => (plan) => renamePart(plan, ref, 'B'))),
  fc.nat().map(onPart((ref) => (plan) => (ref.kind === 'zone' ? setZoneDevices(plan, ref.id, ['g/d']) : plan))),
);

describe('a plan that is edited', () => {
  test('is at every step one that the hub takes, unchanged', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let plan = emptyPlan('Floor');
        for (const each of steps) {
          plan = each(plan);
          expect(floorPlanSchema.parse(plan)).toEqual(plan);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('keeps the form of what is moved, also against an edge', () => {
    const { plan, ref } = addShape(emptyPlan('Floor'), 'room', 'A', [
      [0.2, 0.2],
      [0.5, 0.4],
    ]);
    const moved = moveParts(plan, [ref], 5, -5);
    const bounds = boundsOf(moved.rooms[0]?.outline ?? []);
    expect([bounds.left, bounds.top, bounds.right, bounds.bottom]).toEqual([0.7, 0, 1, 0.2]);
  });

  test('a marker without a name has the name of what it shows', () => {
    const { plan, ref } = addMarker(emptyPlan('Floor'), { device: 'g/d' }, [0.5, 0.5]);
    const named = renamePart(plan, ref, 'Pump');
    expect(findPart(named, ref)?.name).toBe('Pump');
    expect(findPart(renamePart(named, ref, ' '), ref)).toEqual(plan.markers[0]);
  });

  test('no shape loses its last three corners', () => {
    const { plan, ref } = addShape(emptyPlan('Floor'), 'zone', 'A', [
      [0, 0],
      [1, 1],
    ]);
    const three = removeCorner(plan, ref, 0);
    expect(three.zones[0]?.outline).toHaveLength(3);
    expect(removeCorner(three, ref, 0)).toEqual(three);
    expect(addCorner(plan, ref, 3).zones[0]?.outline[4], 'on the edge back to the first').toEqual([0, 0.5]);
  });

  test('markers are aligned to the first that was selected', () => {
    const one = addMarker(emptyPlan('Floor'), { point: 'g/d/p' }, [0.1, 0.2]).plan;
    const two = addMarker(one, { point: 'g/d/q' }, [0.7, 0.9]).plan;
    expect(alignMarkers(two, ['marker-2', 'marker-1'], 'y').markers.map(({ x, y }) => [x, y])).toEqual([
      [0.1, 0.9],
      [0.7, 0.9],
    ]);
  });
});

describe('what lies under the pointer', () => {
  const dented: readonly Corner[] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0.5, 0.2],
    [0, 1],
  ];

  test('is inside an outline with a dent, or not', () => {
    expect(isInside([0.5, 0.1], dented)).toBe(true);
    expect(isInside([0.5, 0.6], dented)).toBe(false);
    expect(isInside([0.05, 0.6], dented)).toBe(true);
  });

  test('is the zone before the room, and the later before the earlier', () => {
    const whole: readonly [Corner, Corner] = [
      [0, 0],
      [1, 1],
    ];
    let { plan } = addShape(emptyPlan('Floor'), 'room', 'A', whole);
    plan = addShape(plan, 'zone', 'B', whole).plan;
    plan = addShape(plan, 'room', 'C', whole).plan;
    expect(shapesAt(plan, [0.5, 0.5]).map(({ id }) => id)).toEqual(['zone-1', 'room-2', 'room-1']);
    expect(shapesAt(plan, [1.5, 0.5])).toEqual([]);
  });

  test('moving a shape does not change whether a place that moves with it is inside', () => {
    fc.assert(
      fc.property(
        fc.array(corner, { minLength: 3, maxLength: 8 }),
        corner,
        fc.integer({ min: -3, max: 3 }),
        (outline, at, by) => {
          // Whole numbers: no rounding takes part.
          const whole = outline.map(([x, y]): Corner => [Math.round(x * 64), Math.round(y * 64)]);
          const place: Corner = [Math.round(at[0] * 64) + 0.5, Math.round(at[1] * 64) + 0.5];
          const moved = whole.map(([x, y]): Corner => [x + by, y - by]);
          expect(isInside([place[0] + by, place[1] - by], moved)).toBe(isInside(place, whole));
        },
      ),
    );
  });
});

describe('snapping', () => {
  const near = { x: 0.01, y: 0.02 };
  const grid = { x: 0.1, y: 0.1 };

  test('goes to the nearest neighbour on each axis by itself, else to the grid', () => {
    const others: Corner[] = [
      [0.5, 0.9],
      [0.495, 0.3],
    ];
    expect(snap([0.497, 0.31], others, near, grid)).toEqual({ at: [0.495, 0.3], x: 0.495, y: 0.3 });
    expect(snap([0.503, 0.66], others, near, grid)).toMatchObject({ at: [0.5, expect.closeTo(0.7)], x: 0.5 });
  });

  test('never goes further than half a step of the grid or the reach of a neighbour, and stays on the plan', () => {
    fc.assert(
      fc.property(corner, fc.array(corner, { maxLength: 10 }), (at, others) => {
        const { at: to } = snap(at, others, near, grid);
        expect(Math.abs(to[0] - at[0])).toBeLessThanOrEqual(0.0500001);
        expect(Math.abs(to[1] - at[1])).toBeLessThanOrEqual(0.0500001);
        expect(Math.min(...to)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...to)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('labels', () => {
  const label = { width: 80, height: 40 };
  const stage = { width: 400, height: 300 };
  const places = fc.array(fc.tuple(fc.nat(400), fc.nat(300)), { maxLength: 60 });

  test('never lie on one another nor stick out, and none is lost', () => {
    fc.assert(
      fc.property(places, (list) => {
        const groups = cluster(
          list.map(([x, y], item) => ({ item, x, y })),
          label,
          stage,
        );
        const boxes = groups.map(({ x, y }) => ({ left: x - 40, top: y - 20, ...label }));
        boxes.forEach((box, index) => {
          expect(box.left).toBeGreaterThanOrEqual(-1e-9);
          expect(box.top + box.height).toBeLessThanOrEqual(300 + 1e-9);
          for (const other of boxes.slice(index + 1)) {
            const apart = Math.abs(box.left - other.left) >= 80 - 1e-9 || Math.abs(box.top - other.top) >= 40 - 1e-9;
            expect(apart).toBe(true);
          }
        });
        const items = groups.flatMap(({ item }) => item).sort((a, b) => a - b);
        expect(items).toEqual(list.map((_, index) => index));
      }),
    );
  });

  test('those with room are left where they are', () => {
    const groups = cluster(
      [
        { item: 'a', x: 100, y: 100 },
        { item: 'b', x: 180, y: 100 },
      ],
      label,
      stage,
    );
    expect(groups).toEqual([
      { item: ['a'], x: 100, y: 100 },
      { item: ['b'], x: 180, y: 100 },
    ]);
  });

  test('a name of a room takes the first corner that is free, or none', () => {
    const room = { left: 0, top: 0, width: 200, height: 100 };
    const name = { width: 50, height: 18 };
    const taken = { left: 0, top: 0, width: 80, height: 40 };
    expect(nameSpot(room, name, [])).toMatchObject({ left: 6, top: 6 });
    expect(nameSpot(room, name, [taken])).toMatchObject({ left: 144, top: 6 });
    expect(nameSpot(room, name, [{ ...room }])).toBeUndefined();
    expect(nameSpot({ ...room, width: 55 }, name, [])).toBeUndefined();
    expect(overlap(taken, { left: 80, top: 0, width: 5, height: 5 }), 'edge to edge').toBe(false);
  });
});

test('the scale bar is a round length of at most a quarter', () => {
  expect(scaleBar(18)).toMatchObject({ metres: 2 });
  expect(scaleBar(1)).toMatchObject({ metres: 0.25, share: 0.25 });
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 10_000, noNaN: true }), (width) => scaleBar(width).share <= 0.25 + 1e-9),
  );
});
