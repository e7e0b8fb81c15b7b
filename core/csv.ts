/** A line of CSV with its end [RFC 4180]; nothing in it is a formula. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/**
 * A cell that begins so is a formula to Excel and its like, and a device or a person could send one; an apostrophe before it makes it a
 * text. Numbers are numbers, whatever their sign.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function cell(given: string): string {
  const text = FORMULA.test(given) && Number.isNaN(Number(given)) ? `'${given}` : given;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
