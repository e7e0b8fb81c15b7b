/** `tcp://host:port`; undefined for anything else, such as the path of a serial port. */
export function parseTcpPort(port: string): { host: string; port: number } | undefined {
  const match = /^tcp:\/\/(?:\[([0-9a-fA-F:]+)\]|([^:/]+)):(\d{1,5})$/.exec(port);
  const number = Number(match?.[3]);
  if (match === null || number < 1 || number > 65_535) return undefined;
  return { host: match[1] ?? match[2] ?? '', port: number };
}
