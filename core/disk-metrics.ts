import { statfs } from 'node:fs/promises';
import type { Metrics } from './metrics.ts';

/** Room on the disk of a folder, as `NAME_free_bytes` (what this process may still use) and `NAME_bytes`. */
export function watchDisk(metrics: Metrics, name: string, folder: string): void {
  const figure = async (blocks: 'bavail' | 'blocks') => {
    const facts = await statfs(folder);
    return facts[blocks] * facts.bsize;
  };
  metrics.ask(`${name}_free_bytes`, 'Free on the disk of dataDir', () => figure('bavail'));
  metrics.ask(`${name}_bytes`, 'Size of the disk of dataDir', () => figure('blocks'));
}
