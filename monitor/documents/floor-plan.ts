import { z } from 'zod';
import { deviceId, distinct, label, partId, pictureId, pointId } from './parts.ts';

/** 0 is the left or upper edge, 1 the other: markers stay where they are however large the plan is drawn. */
const place = z.number().min(0).max(1);
const corner = z.tuple([place, place]);
const outline = z.array(corner).min(3).max(200);

const room = z.strictObject({ id: partId, name: label, outline });
/** Coloured by the worst of what stands in it. */
const zone = z.strictObject({ id: partId, name: label, outline, devices: z.array(deviceId).max(200).default([]) });
const marker = z.strictObject({
  id: partId,
  x: place,
  y: place,
  name: label.optional(),
  /** Exactly one of them. */
  point: pointId.optional(),
  device: deviceId.optional(),
  gateway: z.string().min(1).max(64).optional(),
});

/** A floor as people draw it: a picture or rooms, zones, and markers for what is measured where. */
export const floorPlanSchema = z.strictObject({
  name: label,
  picture: pictureId.optional(),
  /** Width by height. */
  aspect: z.number().min(0.1).max(10).default(1.6),
  /** Of the whole width; left out: no scale bar. */
  widthMetres: z.number().positive().max(10_000).optional(),
  rooms: z.array(room).max(500).superRefine(distinct).default([]),
  zones: z.array(zone).max(500).superRefine(distinct).default([]),
  markers: z
    .array(marker)
    .max(2000)
    .superRefine(distinct)
    .superRefine((markers, context) => {
      for (const [index, { point, device, gateway }] of markers.entries()) {
        if ([point, device, gateway].filter((what) => what !== undefined).length === 1) continue;
        const message = 'expected exactly one of point, device and gateway';
        context.addIssue({ code: 'custom', path: [index], message });
      }
    })
    .default([]),
});
