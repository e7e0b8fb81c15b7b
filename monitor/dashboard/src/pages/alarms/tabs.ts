export const ALARM_TABS = ['active', 'unacked', 'shelved', 'history', 'health'] as const;
export type AlarmTab = (typeof ALARM_TABS)[number];

export function tabOf({ tab }: Readonly<Record<string, string>>): AlarmTab {
  return ALARM_TABS.find((name) => name === tab) ?? 'active';
}
