import { signal } from '@preact/signals';
import type { Alarm } from '../data/api.ts';
import { remember, remembered } from '../data/memory.ts';

/** Off until somebody asks for it. */
export const soundOn = signal(remembered('sound') === 'on');
/** A browser lets a page sound only after somebody has touched it. */
export const soundWaits = signal(false);

let context: AudioContext | undefined;

const TONES_HZ = { critical: [880, 660, 880], other: [660] } as const;
const TONE_S = 0.22;
const LOUDNESS = 0.15;

export function setSound(on: boolean): void {
  soundOn.value = on;
  remember('sound', on ? 'on' : 'off');
  if (on) void wake().then(() => play(TONES_HZ.other));
}

/** The first touch of a visit gives leave to sound. */
export function awaitTouch(): void {
  soundWaits.value = soundOn.value;
  const touched = () => {
    if (soundOn.value) void wake();
  };
  addEventListener('pointerdown', touched, { once: true });
  addEventListener('keydown', touched, { once: true });
}

export function soundFor(alarms: readonly Alarm[]): void {
  if (!soundOn.value || alarms.length === 0) return;
  play(alarms.some(({ priority }) => priority === 'critical') ? TONES_HZ.critical : TONES_HZ.other);
}

async function wake(): Promise<void> {
  context ??= new AudioContext();
  await context.resume();
  soundWaits.value = context.state !== 'running';
}

function play(tones: readonly number[]): void {
  if (context?.state !== 'running') return;
  let start = context.currentTime;
  for (const tone of tones) {
    const source = context.createOscillator();
    const volume = context.createGain();
    source.frequency.value = tone;
    volume.gain.setValueAtTime(LOUDNESS, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + TONE_S);
    source.connect(volume).connect(context.destination);
    source.start(start);
    source.stop(start + TONE_S);
    start += TONE_S;
  }
}
