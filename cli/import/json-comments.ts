/** JSON without its comments, every line where it was: comments become blanks. */
export function withoutComments(text: string): string {
  // A string is taken whole, so that `//` in it is no comment.
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (part) =>
    part.startsWith('"') ? part : part.replace(/[^\n]/g, ' '),
  );
}
