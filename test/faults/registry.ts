import type { Row } from './row.ts';
import { backlog } from './rows/backlog.ts';
import { brokerRestart, foreignBroker } from './rows/broker.ts';
import { clockJumps } from './rows/clock.ts';
import { CONTROLS } from './rows/controls.ts';
import { damageRow } from './rows/damage.ts';
import { diskFullGateway, diskFullHub } from './rows/disk-full.ts';
import { catalogueMissing, poisonFrame } from './rows/doctored.ts';
import { hubRestored } from './rows/hub-restored.ts';
import { cardCloned, cardMoved, imageRestored, twoClients } from './rows/identity.ts';
import { killGateway, killHub } from './rows/kill.ts';
import { LINK_ROWS } from './rows/link.ts';
import { powerCut } from './rows/power-cut.ts';
import { hostile, simulation } from './rows/simulation.ts';
import { soakRow } from './rows/soak.ts';
import { wear } from './rows/wear.ts';

/** Every row, in the order of docs/durability.md. */
export const ROWS: readonly Row[] = [
  killGateway,
  killHub,
  powerCut,
  diskFullGateway,
  diskFullHub,
  ...LINK_ROWS,
  brokerRestart,
  foreignBroker,
  backlog,
  soakRow,
  wear,
  damageRow,
  hubRestored,
  imageRestored,
  cardMoved,
  cardCloned,
  twoClients,
  clockJumps,
  catalogueMissing,
  poisonFrame,
  simulation,
  hostile,
  ...CONTROLS,
];
