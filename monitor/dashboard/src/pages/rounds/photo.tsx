import { useEffect, useRef, useState } from 'preact/hooks';
import { tr } from './texts.ts';

/** A picture of a phone is larger than the hub takes, and than anybody needs. */
const MOST_SIDE_PX = 1600;
const QUALITY = 0.8;
const THUMB_PX = 96;

interface PhotoProps {
  readonly isNeeded: boolean;
  readonly photo: Blob | undefined;
  readonly changed: (photo: Blob | undefined) => void;
  /** What is photographed. */
  readonly about: string;
}

export function PhotoField({ isNeeded, photo, changed, about }: PhotoProps) {
  const [isBad, setBad] = useState(false);
  const take = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (!file) return;
    try {
      changed(await shrink(file));
      setBad(false);
    } catch {
      setBad(true);
    }
    input.value = '';
  };
  return (
    <>
      {photo ? (
        <>
          <Thumb photo={photo} />
          <span class="small">{tr('photo.taken', { size: Math.ceil(photo.size / 1000) })}</span>
          <button type="button" class="plain" onClick={() => changed(undefined)}>
            {tr('photo.remove')}
          </button>
        </>
      ) : (
        <label class="act photo">
          {tr(isNeeded ? 'photo.needed' : 'photo')}
          <input
            type="file"
            accept="image/*"
            capture="environment"
            aria-label={`${about}: ${tr('photo')}`}
            onChange={(event) => void take(event.currentTarget)}
          />
        </label>
      )}
      {isBad ? (
        <span class="problem" role="alert">
          {tr('photo.bad')}
        </span>
      ) : null}
    </>
  );
}

/** Drawn, not shown as an image: the page's policy allows pictures of the hub only. */
function Thumb({ photo }: { readonly photo: Blob }) {
  const element = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const draw = async () => {
      const image = await createImageBitmap(photo);
      const scale = THUMB_PX / Math.max(image.width, image.height);
      const canvas = element.current;
      if (!canvas) return;
      canvas.width = Math.round(image.width * scale);
      canvas.height = Math.round(image.height * scale);
      canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    };
    draw().catch(() => {});
  }, [photo]);
  return <canvas ref={element} class="thumb" />;
}

/** Small enough to send over a bad link; where it was taken is not in it any more. Throws if it is no picture. */
async function shrink(file: Blob): Promise<Blob> {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, MOST_SIDE_PX / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
  if (made === null) throw new TypeError('the browser made no picture');
  return made;
}
