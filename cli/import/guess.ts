export const SOURCES = ['telegraf', 'home-assistant', 'edgex', 'neuron', 'wb', 'csv'] as const;
export type Source = (typeof SOURCES)[number];

/** Which program a file is from, by what only its files hold; undefined if by nothing. */
export function guessSource(text: string): Source | undefined {
  const [first = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  return SIGNS.find(([, isSo]) => isSo(text, first.toLowerCase()))?.[0];
}

const SIGNS: readonly (readonly [Source, (text: string, first: string) => boolean])[] = [
  ['telegraf', (text) => /^\s*\[\[\s*inputs\.modbus\s*\]\]/m.test(text)],
  ['edgex', (text) => /^\s*"?deviceResources"?\s*:/m.test(text)],
  ['wb', (text) => /"device_type"\s*:/.test(text) || /"reg_type"\s*:/.test(text)],
  ['home-assistant', (text) => /^modbus\s*:/m.test(text) || /^\s*-?\s*(binary_sensors|sensors)\s*:/m.test(text)],
  ['neuron', (text, first) => /\baddress\b/.test(first) && /\b(attribute|group)\b/.test(first) && text.includes('!')],
  ['csv', (_, first) => /\bname\b/.test(first) && /\btable\b/.test(first)],
];
