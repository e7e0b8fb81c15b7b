import qrcode from 'qrcode-generator';

/** Rows of modules; true is dark. */
export type QrMatrix = readonly (readonly boolean[])[];

/** What 40 versions of correction level M take, in bytes [ISO/IEC 18004, table 7]. */
const MOST_BYTES = 2331;

/** Correction level M: a label in a plant gets scratched. Undefined: the text is too long. */
export function qrMatrix(text: string): QrMatrix | undefined {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  if (bytes.length > MOST_BYTES) return undefined;
  const code = qrcode(0, 'M');
  code.addData(bytes, 'Byte');
  code.make();
  const modules = Array.from({ length: code.getModuleCount() }, (_, index) => index);
  return modules.map((y) => modules.map((x) => code.isDark(y, x)));
}

/** All dark modules as one path. */
export function qrPath(matrix: QrMatrix): string {
  return matrix.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
}
