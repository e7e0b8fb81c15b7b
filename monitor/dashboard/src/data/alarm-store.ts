import { computed, signal } from '@preact/signals';
import { type Alarm, ask } from './api.ts';
import { Turns } from './turns.ts';

const held = signal<readonly Alarm[] | undefined>(undefined);

/** What asks for a response: active or not yet acknowledged, and not silenced. Most urgent first. */
export const attention = computed(() => held.value ?? []);

/** Until the hub has said it once, no alarm is not the same as all quiet. */
export const knowsAlarms = computed(() => held.value !== undefined);

/** Grows whenever the hub told of a change: lists that are on the screen are asked for again. */
export const alarmChanges = signal(0);

const turns = new Turns();

export async function loadAttention(): Promise<void> {
  const mayShow = turns.take();
  const { alarms } = await ask<{ alarms: Alarm[] }>('/alarms?state=active,unacked');
  if (!mayShow()) return;
  held.value = alarms;
  alarmChanges.value++;
}
