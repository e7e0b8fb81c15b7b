import { signal } from '@preact/signals';
import { type Alarm, ask } from './api.ts';
import { Turns } from './turns.ts';

/** What asks for a response: active or not yet acknowledged, and not silenced. Most urgent first. */
export const attention = signal<readonly Alarm[]>([]);

/** Grows whenever the hub told of a change: lists that are on the screen are asked for again. */
export const alarmChanges = signal(0);

const turns = new Turns();

export async function loadAttention(): Promise<void> {
  const mayShow = turns.take();
  const { alarms } = await ask<{ alarms: Alarm[] }>('/alarms?state=active,unacked');
  if (!mayShow()) return;
  attention.value = alarms;
  alarmChanges.value++;
}
