import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, so that no worker is left with one of them at the end of its group while the other has nothing to do. */
const LONGEST = [
  ...['faults/faults', 'e2e/kubeedge', 'e2e/link-cut', 'gateway/scenarios'],
  ...[
    'e2e/scenarios',
    'e2e/shell',
    'e2e/notify',
    'e2e/kill',
    'e2e/trends',
    'e2e/people',
    'e2e/plan-editing',
    'e2e/alarms',
  ],
  ...['e2e/connect', 'e2e/bad-input', 'e2e/first-steps', 'e2e/commands', 'e2e/rounds', 'e2e/plan', 'e2e/outage'],
  ...[
    'e2e/container',
    'e2e/rollouts-page',
    'e2e/install',
    'e2e/two-versions',
    'e2e/pty',
    'e2e/browser',
    'e2e/rollouts',
  ],
  ...['e2e/config', 'attacks/attacks', 'e2e/demo', 'e2e/commands-page', 'e2e/alarms-muted', 'e2e/clients'],
  ...['monitor/notify/channels', 'monitor/notify/drain', 'devices/conformance', 'simulation/simulation'],
  ...['gateway/channel-poller', 'monitor/notify/notify', 'gateway/kubeedge/event-bus', 'devices/iec62056/iec62056'],
].map((name) => `/test/${name}.test.ts`);

/** Vitest's own order needs the times of an earlier run, which a fresh checkout does not have. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONGEST.length : at;
    };
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}
