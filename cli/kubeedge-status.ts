import { join } from 'node:path';
import type { KubeEdgeStatus } from '../cloud-sync/protocol/kubeedge-status.ts';
import { askControl } from '../core/control-socket.ts';
import { FAULTS, Fault, type FaultCode } from '../core/faults.ts';
import { formatDuration } from '../core/units.ts';
import type { Io } from './verb.ts';

const CONTROLS = /\p{Cc}/gu;

/**
 * What the running gateway says of KubeEdge, as the page shows it. Resolves to 1 where EdgeCore or the node's broker is not there, else 0.
 * Throws Fault not-running, and not-found of a gateway that has nothing to do with KubeEdge.
 */
export async function showKubeEdge(dataDir: string, asJson: boolean, io: Io): Promise<number> {
  const answer = await askControl<{ kubeedge?: KubeEdgeStatus }>(join(dataDir, 'control.sock'), 'status');
  if (answer === undefined) throw new Fault('not-running', dataDir);
  const { kubeedge } = answer;
  if (kubeedge === undefined) throw new Fault('not-found', 'a mapper: `kubeedge.enabled` is not set at this gateway');
  if (asJson) io.out(JSON.stringify(kubeedge));
  else for (const line of describe(kubeedge, io.clock.now())) io.out(plain(line));
  return kubeedge.mapper === 'faulted' || kubeedge.broker === 'away' ? 1 : 0;
}

function describe(status: KubeEdgeStatus, now: number): readonly string[] {
  const { broker, brokerFault, contested = [], reports, failed, limited, devices, others = [] } = status;
  return [
    ...mapperLines(status, now),
    ...(broker ? [`broker    ${broker}${brokerFault ? `: ${brokerFault}` : ''}`] : []),
    ...(contested.length > 0 ? [`contested another mapper seems to have taken over ${contested.join(', ')}`] : []),
    `reports   ${reports} sent, ${failed} failed, ${limited} refused as too many`,
    `devices   ${devices.length}`,
    ...devices.flatMap((device) => deviceLines(device, now)),
    ...(others.length > 0 ? ['beside the Device objects'] : []),
    ...others.map(({ id, code, detail }) => `  ${id || 'a message that names no device'}: ${inWords(code, detail)}`),
  ];
}

function mapperLines({ mapper, since, fault, detail }: KubeEdgeStatus, now: number): readonly string[] {
  if (mapper === undefined) return fault ? [`fault     ${inWords(fault, detail)}`] : [];
  const why = fault ? `: ${inWords(fault, detail)}` : '';
  return [`mapper    ${mapper}${since === undefined ? '' : ` for ${formatDuration(now - since)}`}${why}`];
}

function deviceLines(row: KubeEdgeStatus['devices'][number], now: number): readonly string[] {
  const { id, device, state, toldAt, contested, code, detail, note } = row;
  const as = device === undefined ? 'not read' : id.endsWith(`/${device}`) ? '' : `as ${device}`;
  const told = toldAt === undefined ? 'never told' : `told ${formatDuration(now - toldAt)} ago`;
  return [
    `  ${[id, state, as, told, contested ? 'another mapper' : ''].filter(Boolean).join('  ')}`,
    ...(code ? [`    ${inWords(code, detail)}`] : []),
    ...(note ? [`    ${note}`] : []),
  ];
}

function inWords(code: FaultCode, detail: string | undefined): string {
  return `${FAULTS[code].text}${detail ? `: ${detail}` : ''}`;
}

/** What a device or a person wrote moves no cursor. */
function plain(text: string): string {
  return text.replaceAll(CONTROLS, '?');
}
