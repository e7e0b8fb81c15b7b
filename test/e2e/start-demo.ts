import { pickPorts } from './ports.ts';
import { type ProcessOptions, SluiceProcess } from './sluice-process.ts';

/** `sluice demo` at a port of its own; whether it already answers, its lines tell. */
export async function startDemo(
  args: readonly string[],
  options?: ProcessOptions,
): Promise<{ demo: SluiceProcess; url: string }> {
  const [port = 0] = await pickPorts(1);
  const demo = new SluiceProcess(['demo', '--port', String(port), ...args], options);
  return { demo, url: `http://127.0.0.1:${port}` };
}
