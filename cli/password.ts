import { createInterface } from 'node:readline';
import { Fault } from '../core/faults.ts';

/** From a terminal, asked for twice and not shown; or the first line of standard input. Throws Fault usage. */
export async function readPassword(fromStdin: boolean): Promise<string> {
  if (fromStdin) return readLine();
  if (!process.stdin.isTTY) throw new Fault('usage', 'no terminal to ask for the password: use --password-stdin');
  const password = await ask('Password: ');
  if ((await ask('Once more: ')) !== password) throw new Fault('usage', 'the two passwords differ');
  return password;
}

async function readLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line;
  }
  throw new Fault('usage', 'standard input holds no password');
}

const ENTER = ['\r', '\n', '\u0004'];
const CTRL_C = '\u0003';
const BACKSPACE = ['\u007f', '\b'];

/** Raw mode: the terminal shows nothing of what is typed. */
function ask(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (settle: () => void) => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const onData = (chunk: Buffer) => {
      for (const key of chunk.toString('utf8')) {
        if (ENTER.includes(key)) return end(() => resolve(typed));
        if (key === CTRL_C) return end(() => reject(new Fault('usage', 'stopped')));
        typed = BACKSPACE.includes(key) ? [...typed].slice(0, -1).join('') : typed + key;
      }
    };
    stdin.on('data', onData);
  });
}
