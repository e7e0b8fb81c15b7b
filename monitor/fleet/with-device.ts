import { type Document, isMap, isSeq, parseDocument, YAMLSeq } from 'yaml';
import { SettingsFault } from '../../core/settings.ts';

type Given = Readonly<Record<string, unknown>>;

/**
 * A configuration with one device more, and with its line if that is not there yet. Everything else, comments too, stays as it is. Throws
 * SettingsFault where the name is taken.
 */
export function withDevice(text: string, line: Given | undefined, device: Given): string {
  const document: Document = parseDocument(text);
  if (!isMap(document.contents)) document.contents = document.createNode({});
  const listOf = (key: string): YAMLSeq => {
    const found = document.get(key);
    const list = isSeq(found) ? found : new YAMLSeq();
    list.flow = false;
    if (list !== found) document.set(key, list);
    return list;
  };
  const has = (list: YAMLSeq, { name }: Given) => list.items.some((item) => isMap(item) && item.get('name') === name);
  const [lines, devices] = [listOf('channels'), listOf('devices')];
  if (has(devices, device))
    throw new SettingsFault([
      {
        file: 'configuration',
        line: 1,
        path: 'device.name',
        message: `there is a device named \`${device.name}\` already`,
      },
    ]);
  if (line && !has(lines, line)) lines.add(document.createNode(line, { flow: true }));
  devices.add(document.createNode(device, { flow: true }));
  return document.toString({ lineWidth: 0 });
}
