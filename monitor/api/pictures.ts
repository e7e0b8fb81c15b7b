import { z } from 'zod';
import { pictureId } from '../documents/parts.ts';
import { checkPicture, MOST_PICTURE_BYTES, PICTURE_TYPES, tooLarge } from '../documents/picture.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

/** An SVG opened by itself may run nothing and fetch nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

export function pictureRoutes({ pictures, clock }: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/pictures',
      summary: 'Keeps a picture for floor plans and boards',
      role: 'operator',
      body: z.instanceof(Buffer, { error: 'expected the bytes of a PNG, JPEG, WebP or SVG file' }),
      upload: { types: PICTURE_TYPES, mostBytes: MOST_PICTURE_BYTES, tooLarge },
      answer: z.object({ id: z.string(), type: z.string(), width: z.number(), height: z.number() }),
      status: 201,
      async handle({ body, who, act }) {
        const picture = checkPicture(body);
        act.note({ object: picture.id });
        await pictures.add(picture, who?.name ?? '', clock.now());
        const { id, type, width, height } = picture;
        return { id, type, width, height };
      },
    }),
    route({
      method: 'GET',
      path: '/pictures/:id',
      summary: 'A picture',
      role: 'viewer',
      params: z.object({ id: pictureId }),
      answer: z.string(),
      media: [...PICTURE_TYPES],
      async handle({ params, reply }) {
        const { type, bytes } = await pictures.get(params.id);
        reply.headers({ 'content-security-policy': POLICY, 'cache-control': 'private, max-age=31536000, immutable' });
        return reply.type(type).send(bytes);
      },
    }),
  ];
}
