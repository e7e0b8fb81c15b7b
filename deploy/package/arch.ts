/** Processors by the name that Debian and containers give them. */
export type Arch = 'arm64' | 'amd64';

/** What Node and npm call them. */
export const NODE_ARCH: Record<Arch, 'arm64' | 'x64'> = { arm64: 'arm64', amd64: 'x64' };

/** Of the line with long-term support; the newest that npm's `node-linux-…` packages have for both processors. */
export const NODE_VERSION = '24.21.0';
