import type { Path, Problem } from '../../core/settings.ts';
import { nearest } from '../../core/suggest.ts';
import { zoneOf } from './calendar.ts';
import { envName, SECRETS_OF } from './secrets.ts';
import type { NotifyFile, ReceiverSettings } from './settings.ts';

type Tell = (path: Path, message: string, suggestion?: string) => Problem;

/** What only a look at the whole of `notify:` shows. */
export function checkNotify(notify: NotifyFile, tell: Tell): readonly Problem[] {
  const problems: Problem[] = [];
  const receivers = Object.keys(notify.receivers);
  const rosters = Object.keys(notify.roster);
  const zone = (path: Path, name: string | undefined) => {
    if (name !== undefined && !isZone(name))
      problems.push(tell(path, `there is no time zone \`${name}\``, 'such as Asia/Seoul'));
  };
  const known = (path: Path, name: string, all: readonly string[], what: string) => {
    if (all.includes(name)) return;
    const near = nearest(name, all);
    problems.push(
      tell(path, `there is no ${what} \`${name}\``, near ? `did you mean \`${near}\`?` : `one of: ${all.join(', ')}`),
    );
  };
  zone(['notify', 'timezone'], notify.timezone);
  for (const name of rosters) {
    if (receivers.includes(name))
      problems.push(tell(['notify', 'roster', name], 'a receiver has this name', 'call the roster otherwise'));
    const { timezone, turns } = notify.roster[name] as NotifyFile['roster'][string];
    zone(['notify', 'roster', name, 'timezone'], timezone);
    for (const [i, turn] of turns.entries()) {
      for (const [j, to] of turn.receivers.entries()) {
        known(['notify', 'roster', name, 'turns', i, 'receivers', j], to, receivers, 'receiver');
      }
    }
  }
  for (const [i, step] of notify.escalation.entries()) {
    const path: Path = ['notify', 'escalation', i];
    for (const [j, to] of step.to.entries()) {
      known([...path, 'to', j], to, [...receivers, ...rosters], 'receiver or roster');
    }
    const before = notify.escalation[i - 1];
    if (before && step.after <= before.after) {
      problems.push(
        tell([...path, 'after'], 'is not later than the step before', 'put the steps in order, one for each time'),
      );
    }
  }
  for (const [name, receiver] of Object.entries(notify.receivers)) {
    problems.push(...checkReceiver(['notify', 'receivers', name], receiver, notify, tell));
  }
  problems.push(...checkRest(notify, tell));
  return problems;
}

function checkReceiver(path: Path, receiver: ReceiverSettings, notify: NotifyFile, tell: Tell): readonly Problem[] {
  const problems = checkSecrets(path, receiver, SECRETS_OF[receiver.kind], tell);
  if (receiver.kind === 'webhook') {
    const { url, urlFile } = receiver;
    if (url === undefined && urlFile === undefined) {
      problems.push(
        tell([...path, 'url'], 'is missing', 'write `url: https://…`, or `urlFile: PATH` if it is a secret'),
      );
    }
    if (url !== undefined && urlFile !== undefined) {
      problems.push(tell([...path, 'urlFile'], 'given twice, also as `url`', 'leave one out'));
    }
  }
  if (receiver.kind === 'email' && !notify.smtp)
    problems.push(tell(path, 'mail needs a server', 'add `smtp: { host: …, from: … }`'));
  return problems;
}

function checkRest({ smtp, heartbeat }: NotifyFile, tell: Tell): readonly Problem[] {
  const problems: Problem[] = [];
  if (smtp) {
    const path: Path = ['notify', 'smtp'];
    problems.push(...checkSecrets(path, smtp, smtp.user === undefined ? {} : { password: true }, tell));
    const hasPassword = smtp.password !== undefined || smtp.passwordFile !== undefined;
    if (hasPassword && smtp.user === undefined) problems.push(tell(path, 'a password without `user`', 'add `user`'));
    if (smtp.user !== undefined && smtp.tls === 'none') {
      problems.push(
        tell([...path, 'tls'], 'the password would cross the network in the clear', 'use `starttls` or `implicit`'),
      );
    }
  }
  if (heartbeat) problems.push(...checkSecrets(['notify', 'heartbeat'], heartbeat, { url: true }, tell));
  return problems;
}

/** `wanted`: keys of secrets, and whether they are needed. */
function checkSecrets(path: Path, given: object, wanted: Readonly<Record<string, boolean>>, tell: Tell): Problem[] {
  const problems: Problem[] = [];
  for (const [key, isNeeded] of Object.entries(wanted)) {
    const { [key]: inline, [`${key}File`]: file } = given as Record<string, string | undefined>;
    const hint = `write \`${key}: \${NAME}\` with a variable of the environment, or \`${key}File: PATH\``;
    // Never with the value itself: what is printed ends up in logs.
    if (inline !== undefined && envName(inline) === undefined) {
      problems.push(tell([...path, key], 'a secret has no place in this file', hint));
    }
    if (inline !== undefined && file !== undefined) {
      problems.push(tell([...path, `${key}File`], `given twice, also as \`${key}\``, 'leave one out'));
    }
    if (isNeeded && inline === undefined && file === undefined) problems.push(tell([...path, key], 'is missing', hint));
  }
  return problems;
}

function isZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}
