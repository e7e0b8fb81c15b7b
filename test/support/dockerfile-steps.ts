import { DockerfileParser, type Instruction } from 'dockerfile-ast';

/** One instruction, its lines joined. */
export interface Step {
  readonly keyword: string;
  readonly rest: string;
}

export function stepsOf(dockerfile: string): Step[] {
  return DockerfileParser.parse(dockerfile)
    .getInstructions()
    .map((each: Instruction) => ({
      keyword: each.getKeyword(),
      rest: each
        .getTextContent()
        .slice(each.getInstruction().length)
        .replace(/\\\n\s*/g, '')
        .trim(),
    }));
}

/** `${NAME}` and `$NAME`, as a Dockerfile means them outside of RUN. */
export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => values[name] ?? '');
}

/** What a .dockerignore of plain paths leaves of the context: the last line that fits decides. */
export function isIgnored(path: string, dockerignore: string): boolean {
  let ignored = false;
  for (const line of dockerignore.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    const pattern = line.replace(/^!/, '');
    if (pattern !== '**' && pattern.includes('*')) throw new Error(`.dockerignore: ${line} is more than a path`);
    if (pattern === '**' || path === pattern || path.startsWith(`${pattern}/`)) ignored = !line.startsWith('!');
  }
  return ignored;
}
