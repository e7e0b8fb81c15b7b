import type { Site } from './site.ts';

export const GATEWAY = 'e2e';

export interface SiteOptions {
  /** `channels:` and `devices:` as YAML; `$PORT_<channel>` stands for where the simulator serves a channel. */
  readonly plant: string;
  /** The gateway's, where that is not all that the simulator serves. */
  readonly gatewayPlant?: string;
  /** The journal's commit interval. */
  readonly journal?: string;
  readonly values?: 'plausible' | 'oracle';
  /** More of `journal:`, as YAML of one line: `maxBytes: 16MiB, minFree: 1MiB`. */
  readonly journalMore?: string;
  /** The gateway's longest wait between two attempts to reach the hub, where a test would wait it out. */
  readonly retryWithin?: string;
  /** Where the processes keep their data, if not in the site's own folder: a disk made for the test. */
  readonly gatewayDir?: string;
  readonly hubDir?: string;
  /** Runs gateway and simulator behind a command that becomes them: a network namespace, one core. */
  readonly gatewayPrefix?: readonly string[];
  readonly simulatorPrefix?: readonly string[];
  /** Host at which the gateway finds the link's near end, if not loopback. The hub's certificate is made for it too. */
  readonly linkHost?: string;
  /** Where the gateway connects, if something stands between it and the hub; asked at each start of the gateway. */
  readonly gatewayTo?: (site: Site) => string;
  /** Another build's `cli/main.js`, for the gateway (asked at each start) or for the hub. */
  readonly gatewayMain?: () => string | undefined;
  readonly hubMain?: string;
  /** More of hub.yaml. */
  readonly hubMore?: string;
  /** `cli/main.js` of an older release: its settings do not know what is newer. */
  readonly older?: string;
  /** `hardware:` of gateway.yaml: the board it runs on; asked at each start of the gateway. */
  readonly hardware?: () => string | undefined;
  /** Environment of the gateway. */
  readonly gatewayEnv?: Readonly<Record<string, string>>;
  /** After the join, before the gateway's first start. */
  readonly prepare?: (site: Site) => Promise<void>;
}

export interface GatewaySettings {
  readonly dataDir: string;
  readonly http: number;
  readonly bus: number;
  readonly hardware: string | undefined;
  /** Where the simulator serves each channel, as far as it has said so. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly hub: string;
  readonly isOlder: boolean;
}

/** The gateway's file. Before the simulator has said where it serves, any port of the right form will do. */
export function gatewayYaml(
  { plant, journal = '100ms', journalMore = '', retryWithin }: SiteOptions,
  given: Omit<GatewaySettings, 'hub'> & { readonly hub?: string },
): string {
  const { dataDir, http, bus, hardware, endpoints, hub, isOlder } = given;
  const ported = plant.replace(/\$PORT_([a-z0-9-]+)/g, (_all, channel: string) =>
    JSON.stringify(endpoints[channel] ?? (channel.startsWith('tcp') ? 'tcp://127.0.0.1:1' : `/dev/null/${channel}`)),
  );
  return `gateway: ${GATEWAY}
timezone: Asia/Seoul
${isOlder ? '' : 'self: false'}
dataDir: ${dataDir}
${hardware === undefined ? '' : `hardware: ${hardware}`}
${hub === undefined ? '' : `hub: { url: ${hub} }`}
journal: { commitInterval: ${journal}, ${journalMore} }
${retryWithin === undefined ? '' : `uplink: { retryWithin: ${retryWithin} }`}
http: { listen: 127.0.0.1:${http} }
eventBus: { listen: 127.0.0.1:${bus} }
${ported}`;
}

/** The hub's file; `name` is one that its certificate is made for too. */
export function hubYaml(given: { dataDir: string; http: number; mqtt: number; name?: string; more?: string }) {
  const { dataDir, http, mqtt, name, more = '' } = given;
  const names = name === undefined ? '' : `names: [${name}]\n`;
  return `${names}${more}dataDir: ${dataDir}\nhttp: { listen: 127.0.0.1:${http} }\nmqtt: { listen: 127.0.0.1:${mqtt} }\n`;
}
