import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { describeIf, hasTool } from '../support/tools.ts';
import { pickPorts } from './ports.ts';
import { runTool } from './run-tool.ts';
import { MAIN } from './sluice-process.ts';

const SYSTEMD = '/lib/systemd/systemd';
/** A busy machine that holds the gateway up for less is no reason to restart it. */
const WATCHDOG_S = 10;

/** systemd's manager for users, in mounts and processes of its own: it does nothing to the machine. What it shows goes to stdout. */
const PLAY = `
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p -m 700 /run/systemd/system /run/user
export XDG_RUNTIME_DIR=/run/user XDG_CONFIG_HOME=$1
timeout 140 ${SYSTEMD} --user --unit=sluice-gateway.service --log-target=null &
show() { systemctl --user show -p "$1" --value sluice-gateway.service 2>/dev/null; }
ready() { for i in $(seq 150); do [ "$(show ActiveState)" = active ] && return; sleep 0.1; done; }
ready
sleep ${WATCHDOG_S + 2}
echo "at work: $(show ActiveState), $(show StatusText), restarted $(show NRestarts)"
kill -STOP "$(show MainPID)"
for i in $(seq 200); do [ "$(show NRestarts)" != 0 ] && break; sleep 0.1; done
ready
echo "after a hang: $(show ActiveState), $(show StatusText), restarted $(show NRestarts)"
systemctl --user stop sluice-gateway.service
echo "stopped: $(show Result)"
systemctl --user exit
`;

const canPlay = process.getuid?.() === 0 && existsSync(SYSTEMD) && hasTool('unshare');

describeIf(canPlay, 'systemd as root', 'under systemd itself', () => {
  test('a gateway is ready, stays, is restarted when it hangs, and stops well', { timeout: 180_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-systemd-run-'));
    try {
      const [http] = await pickPorts(1);
      const config = join(dir, 'gateway.yaml');
      writeFileSync(config, `gateway: g\ndataDir: ${dir}/data\nhttp: { listen: 127.0.0.1:${http} }\neventBus: false\n`);
      const unit = readFileSync(join(packageRoot, 'deploy/systemd/sluice-gateway.service'), 'utf8');
      // Of our unit what this is about; the rest wants a machine of its own.
      const ours = unit.split('\n').filter((line) => /^(Type|NotifyAccess|Restart|WatchdogSignal)=/.test(line));
      expect(ours).toHaveLength(4);
      const more = ['RestartSec=0', `WatchdogSec=${WATCHDOG_S}`, 'TimeoutAbortSec=1'];
      const exec = `ExecStart=${process.execPath} ${MAIN} gateway -c ${config}`;
      mkdirSync(join(dir, 'systemd/user'), { recursive: true });
      const text = ['[Unit]', 'DefaultDependencies=no', '[Service]', exec, ...ours, ...more, ''].join('\n');
      writeFileSync(join(dir, 'systemd/user/sluice-gateway.service'), text);
      const own = ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
      const played = await runTool('unshare', [...own, 'bash', '-c', PLAY, 'play', dir], 150_000);
      expect(played.stdout.trim().split('\n'), played.stderr).toEqual([
        'at work: active, at work, restarted 0',
        'after a hang: active, at work, restarted 1',
        'stopped: success',
      ]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
