import type { Row } from './attempt.ts';
import { certificates } from './rows/certificates.ts';
import { configuration, files } from './rows/configuration.ts';
import { pictures, policies, texts } from './rows/content.ts';
import { headers, json, paths, slow } from './rows/http.ts';
import { logins } from './rows/logins.ts';
import { exposed, secrets, sockets } from './rows/machine.ts';
import { bombs, frames, hellos, nonsense, renewals, results } from './rows/messages.ts';
import { receivers } from './rows/receivers.ts';
import { audit, roles } from './rows/routes.ts';
import { expiredToken, tokenFlood, tokens } from './rows/tokens.ts';
import { topics } from './rows/topics.ts';
import { churn, flood, halfOpen, oversized } from './rows/wire.ts';
import { commands, gatewayWrites } from './rows/writes.ts';

/** Every row. The last one looks through the logs for what the others used. */
export const ROWS: readonly Row[] = [
  ...[tokens, tokenFlood, expiredToken, certificates, topics],
  ...[oversized, halfOpen, flood, churn],
  ...[nonsense, hellos, frames, bombs, renewals, results],
  ...[paths, headers, json, slow, logins, roles, audit],
  ...[receivers, pictures, texts, policies, configuration, files],
  ...[commands, gatewayWrites],
  ...[sockets, exposed, secrets],
];
