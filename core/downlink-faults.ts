import type { FaultEntry } from './fault-entry.ts';

/** Faults of what goes down to a gateway: configurations, orders, writes. */
export const DOWNLINK_FAULTS = {
  // Configurations and orders that go down to a gateway.
  'config-unconfirmed': {
    recovery: 'skip',
    text: 'After the configuration was applied the hub could not be reached; the last good one is back',
    action:
      'See what the change did to the link or to the machine, and save it again; `hub.confirmWithin` gives more time',
  },
  'config-not-ours': {
    recovery: 'skip',
    text: 'Channels and devices of this gateway belong to its own file',
    action: 'Change them in its gateway.yaml, or write `managed: hub` there and restart it',
  },
  'gateway-away': {
    recovery: 'retry',
    text: 'The gateway is not connected now',
    action: 'Wait until it is back, or check its link',
  },
  'request-expired': {
    recovery: 'skip',
    text: 'The order came too late and was not begun',
    action: 'Give it again; check the clocks if that happens often',
  },
  'request-unknown': {
    recovery: 'skip',
    text: 'The gateway does not know this kind of order',
    action: 'Update the gateway: it is older than the hub',
  },
  'request-busy': {
    recovery: 'retry',
    text: 'The gateway is busy with another order of this kind',
    action: 'Wait until it is done, or cancel it',
  },

  // One change for many gateways.
  'rollout-unfit': {
    recovery: 'skip',
    text: 'The change does not fit every gateway of the group; nothing was changed anywhere',
    action: 'See in the preview what is wrong with which; change it, or leave those gateways out',
  },
  'rollout-busy': {
    recovery: 'skip',
    text: 'A gateway takes part in another rollout that is not over',
    action: 'Wait until that is over, or stop it',
  },
  'rollout-over': {
    recovery: 'skip',
    text: 'The rollout is not in a state that allows this',
    action: 'Look at how far it is now',
  },

  // Writes to devices.
  'not-writable': {
    recovery: 'skip',
    text: 'This point may not be written',
    action: 'Writes are off unless profile or configuration says `writable: true`; a gateway below says what it allows',
  },
  'writes-locked': {
    recovery: 'skip',
    text: 'Writes are locked at the gateway',
    action:
      'Somebody on site has locked them: by the file `writes-locked` in its data directory, or by the switch of `writeLock`',
  },
  'write-confirm': {
    recovery: 'skip',
    text: 'This point is dangerous: its value has to be said twice',
    action: 'Repeat the value as `confirm`, once you are sure of device, point and value',
  },
  'value-changed': {
    recovery: 'skip',
    text: 'The device no longer holds the value that was expected',
    action: 'Look at the value it has now, and decide again',
  },
  'write-rate': {
    recovery: 'retry',
    text: 'The point was written too often lately',
    action: 'Wait; `writeRate` of the point says how often is allowed',
  },
  'clock-uncertain': {
    recovery: 'retry',
    text: 'The gateway cannot tell whether the command has expired',
    action: "Give it again: the hub's time is measured in each session; see the link's delay if that happens often",
  },
  'write-differs': {
    recovery: 'skip',
    text: 'The device took the value, but holds another one',
    action: 'See whether it limits or rounds, or whether something else writes to it',
  },
  'write-unknown': {
    recovery: 'skip',
    text: 'It is not known whether the value was written',
    action: 'Read the point, and look at the device, before you write again; it is not repeated by itself',
  },
} as const satisfies Record<string, FaultEntry>;
