// `helm test`, on the gateway's own node: it is the one that was meant, it gets on, reads if it has devices, and the hub has stored
// what it read since: a hub confirms nothing before.
import { setTimeout as sleep } from 'node:timers/promises';

const { GATEWAY, STATUS, HUB } = process.env;
const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 60_000);

async function status() {
  const answer = await fetch(`${STATUS}/api/v1/status`, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`status answers ${answer.status}`);
  return answer.json();
}

async function until(what, holds) {
  for (let waited = 0; ; waited += 2000) {
    if (holds(await status())) return console.log(`ok  ${what}`);
    if (waited >= PATIENCE_MS) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
    await sleep(2000);
  }
}

try {
  const health = await fetch(`${STATUS}/healthz`, { signal: AbortSignal.timeout(10_000) });
  if (!health.ok) throw new Error(`healthz answers ${health.status}: ${await health.text()}`);
  console.log('ok  polling and journal get on');
  const first = await status();
  if (first.gateway !== GATEWAY) throw new Error(`${STATUS} is ${first.gateway}, not ${GATEWAY}`);
  if (first.devices.length > 0) await until('devices are read', ({ readings }) => readings.read > first.readings.read);
  if (HUB) {
    await until('the hub takes what is sent', ({ link }) => link.link === 'welcomed');
    const { epoch, next } = first.journal.epochs.at(-1);
    const confirmed = ({ journal }) => journal.epochs.find((each) => each.epoch === epoch)?.confirmed ?? 0;
    await until('what was journalled since is stored at the hub', (now) => confirmed(now) > next);
  }
  process.exit(0);
} catch (error) {
  console.error(`failed  ${error.message}`);
  process.exit(1);
}
