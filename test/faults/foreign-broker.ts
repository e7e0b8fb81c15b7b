import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ca } from '../../cloud-sync/cloud-hub/ca.ts';
import { systemClock } from '../../core/clock.ts';
import type { Site } from '../e2e/site.ts';
import { GATEWAY } from '../e2e/site-config.ts';

/** mosquitto between gateway and hub, as a bridge with its defaults: it answers for the hub and queues 1,000 messages. */
export class ForeignBroker {
  readonly #config: string;
  readonly port: number;
  #process: ChildProcess | undefined;
  #over: Promise<unknown> = Promise.resolve();

  private constructor(config: string, port: number) {
    this.#config = config;
    this.port = port;
  }

  /** Gets a certificate from the hub's own CA, so that the gateway takes it for the hub, and uses the gateway's towards the hub. */
  static async prepare(site: Site, port: number): Promise<ForeignBroker> {
    const ca = await Ca.open(site.hubDir, systemClock);
    const { cert, key } = await ca.issueServer([]);
    const file = (name: string) => join(site.dir, name);
    writeFileSync(file('broker.crt'), cert);
    writeFileSync(file('broker.key'), key, { mode: 0o600 });
    const identity = join(site.gatewayDir, 'identity');
    const lines = [
      ...[`listener ${port} 127.0.0.1`, `cafile ${identity}/ca.crt`, `certfile ${file('broker.crt')}`],
      ...[`keyfile ${file('broker.key')}`, 'require_certificate true', 'allow_anonymous true'],
      ...['max_queued_messages 1000', 'persistence false', ...(process.getuid?.() === 0 ? ['user root'] : [])],
      ...['connection hub', `address 127.0.0.1:${site.mqttPort}`, `bridge_cafile ${identity}/ca.crt`],
      ...[`bridge_certfile ${identity}/gateway.crt`, `bridge_keyfile ${identity}/gateway.key`],
      ...[`remote_clientid ${GATEWAY}`, 'local_clientid bridge', 'cleansession true', 'notifications false'],
      ...['try_private false', 'restart_timeout 1', 'bridge_protocol_version mqttv311'],
      ...[`topic sluice/v1/${GATEWAY}/up/+ out 1`, `topic sluice/v1/${GATEWAY}/down/+ in 1`],
    ];
    writeFileSync(file('broker.conf'), `${lines.join('\n')}\n`);
    return new ForeignBroker(file('broker.conf'), port);
  }

  start(): void {
    const child = spawn('mosquitto', ['-c', this.#config], { stdio: 'ignore' });
    this.#over = new Promise((resolve) => child.once('exit', resolve));
    this.#process = child;
  }

  /** With everything it had queued. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#over;
  }
}
