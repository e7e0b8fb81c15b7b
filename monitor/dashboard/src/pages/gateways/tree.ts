import type { Channel, Device, Gateway } from '../../data/api.ts';

export interface LineNode {
  readonly name: string;
  /** Undefined: no line of a bus; the gateway makes these values by itself, or has not told of its lines. */
  readonly channel?: Channel;
  readonly devices: readonly Device[];
}

export interface GatewayNode {
  readonly gateway: Gateway;
  readonly lines: readonly LineNode[];
}

/** How the plant hangs together: gateways, their lines, what is on each. Lines without a device are shown too. */
export function plantTree(gateways: readonly Gateway[], devices: readonly Device[]): readonly GatewayNode[] {
  return gateways.map((gateway) => {
    const own = devices.filter((device) => device.gateway === gateway.id);
    const on = (name: string) => own.filter(({ channel }) => channel === name);
    const told = gateway.channels.map((channel) => ({ name: channel.name, channel, devices: on(channel.name) }));
    const names = new Set(told.map(({ name }) => name));
    const others = [...new Set(own.map(({ channel }) => channel))].filter((name) => !names.has(name));
    return { gateway, lines: [...told, ...others.map((name) => ({ name, devices: on(name) }))] };
  });
}
