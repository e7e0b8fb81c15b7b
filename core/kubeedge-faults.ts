import type { FaultEntry } from './fault-entry.ts';

/** Faults between a gateway and the KubeEdge node that it is a mapper of. */
export const KUBEEDGE_FAULTS = {
  'edgecore-unreachable': {
    recovery: 'reconnect',
    text: 'EdgeCore does not answer on its socket',
    action:
      'Check that EdgeCore runs, and that `kubeedge.dmiSocket` is its socket; devices are read and kept meanwhile',
  },
  'edgecore-silent': {
    recovery: 'reconnect',
    text: 'EdgeCore took a call and did not answer in time',
    action: 'Look at the log of EdgeCore: a hung mapper holds up all others; devices are read and kept meanwhile',
  },
  'edgecore-limit': {
    recovery: 'retry',
    text: 'EdgeCore takes no more calls for now: all mappers of a node share one call a second',
    action: 'Nothing: newest values are told as soon as it allows; `kubeedge.broker` is a way without this limit',
  },
  'edgecore-refused': {
    recovery: 'reconnect',
    text: 'EdgeCore refuses the mapper',
    action: 'Read its answer; a mapper needs KubeEdge 1.18 or later, and a socket that belongs to root',
  },
  'mapper-socket': {
    recovery: 'reconnect',
    text: "The mapper's own socket cannot be made",
    action: 'Check `kubeedge.socket`: its directory, who owns it, and that no other mapper uses it',
  },
  'edge-broker': {
    recovery: 'reconnect',
    text: 'The MQTT broker of the node is not there',
    action: 'Check `kubeedge.broker` and whether the broker runs; devices are read and kept meanwhile',
  },
  'kube-object': {
    recovery: 'skip',
    text: 'A Device object of KubeEdge cannot be used as it stands',
    action: 'Correct what is named in the Device or DeviceModel object; all other devices are read',
  },
  'kube-refused': {
    recovery: 'retry',
    text: 'EdgeCore refuses the values of this device',
    action: 'With 404, delete the Device object and create it again while the node is connected',
  },
} as const satisfies Record<string, FaultEntry>;
