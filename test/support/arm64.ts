import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeNode } from '../../deploy/package/assemble.ts';
import { must } from './chroot.ts';

/** An arm64 Node with Debian's arm64 libraries, emulated by qemu-user: what goes before a script. The folder takes Node. */
export function emulatedNode(folder: string): readonly string[] {
  takeNode('arm64', folder);
  return ['qemu-aarch64-static', '-L', armRoot(), join(folder, 'node')];
}

/** Debian's libraries for arm64: unpacked, nothing of them runs natively. Made once a machine. */
function armRoot(): string {
  const root = join(tmpdir(), 'sluice-arm64-bookworm');
  if (existsSync(root)) return root;
  const made = mkdtempSync(`${root}-`);
  must('debootstrap', '--foreign', '--arch=arm64', '--variant=minbase', '--include=libstdc++6', 'bookworm', made);
  must('sh', '-c', `for each in ${made}/var/cache/apt/archives/libstdc++6_*.deb; do dpkg-deb -x "$each" ${made}; done`);
  renameSync(made, root);
  return root;
}
