import { inflateRawSync } from 'node:zlib';
import { parseXml, type XmlElement } from '@rgrove/parse-xml';

export interface Cell {
  readonly value: string | number | null;
  readonly style: number;
}

/** Reads a workbook by its own rules: the zip's directory, the workbook's relations, a parser of XML. By name of the sheet. */
export function readXlsx(bytes: Buffer): ReadonlyMap<string, readonly (readonly Cell[])[]> {
  const files = unzip(bytes);
  const file = (name: string) => parseXml(files.get(name)?.toString('utf8') ?? '').root as XmlElement;
  const targets = new Map(
    elements(file('xl/_rels/workbook.xml.rels'), 'Relationship').map(({ attributes }) => [
      attributes.Id,
      attributes.Target,
    ]),
  );
  return new Map(
    elements(file('xl/workbook.xml'), 'sheet').map(({ attributes }) => {
      const sheet = file(`xl/${targets.get(attributes['r:id'])}`);
      return [attributes.name ?? '', elements(sheet, 'row').map((row) => elements(row, 'c').map(cellOf))] as const;
    }),
  );
}

function cellOf(cell: XmlElement): Cell {
  const style = Number(cell.attributes.s ?? 0);
  if (cell.attributes.t === 'inlineStr') return { value: cell.text, style };
  const [value] = elements(cell, 'v');
  return { value: value ? Number(value.text) : null, style };
}

function elements(within: XmlElement, name: string): XmlElement[] {
  const children = within.children.filter((child): child is XmlElement => child.type === 'element');
  return children.flatMap((child) => [...(child.name === name ? [child] : []), ...elements(child, name)]);
}

function unzip(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [size, name, extra, comment] = [20, 28, 30, 32].map((offset) =>
      offset === 20 ? bytes.readUInt32LE(at + offset) : bytes.readUInt16LE(at + offset),
    ) as [number, number, number, number];
    const start = bytes.readUInt32LE(at + 42);
    const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const part = bytes.subarray(data, data + size);
    const isDeflated = bytes.readUInt16LE(at + 10) === 8;
    files.set(bytes.toString('utf8', at + 46, at + 46 + name), isDeflated ? inflateRawSync(part) : part);
    at += 46 + name + extra + comment;
  }
  return files;
}
