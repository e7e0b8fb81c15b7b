/** A document as a file of this computer: plain JSON, made to live in a repository. */
export function saveFile(name: string, body: object): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(body, null, 2)}\n`], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.json`;
  link.click();
  URL.revokeObjectURL(url);
}

/** Undefined if it is no JSON object. What it holds is for the hub to judge. */
export function parseFile(text: string): { readonly name?: unknown } | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
