import { z } from 'zod';
import { duration } from '../../core/units.ts';
import { isBrokerUrl } from './broker-url.ts';

/** A path of a Unix socket; the kernel takes no longer one [unix(7): sun_path]. */
const socketPath = z
  .string()
  .regex(/^\//, 'expected an absolute path')
  .max(107, 'is longer than a socket may be (107)');

const protocolName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected a protocol name such as modbus');

/** The MQTT broker of the node, where EdgeCore's EventBus listens. */
const broker = z
  .strictObject({
    url: z
      .string()
      .regex(/^mqtts?:\/\/[^/\s]+$/, { error: 'expected mqtt://127.0.0.1:1883', abort: true })
      .refine(isBrokerUrl, 'is no host and port, such as mqtt://127.0.0.1:1883')
      .regex(/^[^@]*$/, 'an address has no user and no password in it: give `user` and `passwordFile`'),
    /** Files of PEM: who signs it, and who we are to it. */
    ca: z.string().optional(),
    cert: z.string().optional(),
    key: z.string().optional(),
    user: z.string().min(1).optional(),
    passwordFile: z.string().optional(),
    /** Twins go over the broker, where no call is counted; else it only tells what EdgeCore refused. */
    twins: z.boolean().default(true),
    /** Between two reports of one device's twins. */
    every: duration({ least: 1000, most: 600_000 }).prefault('30s'),
    /** The gateway's own devices too are told, as devices of this namespace; `''`: without namespace, as before 1.16. */
    ownDevices: z
      .union([z.literal(false), z.literal(''), z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)])
      .default(false),
    /** Values that somebody wants of these devices are written. Whoever may publish at the broker may then write. */
    allowWrites: z.boolean().default(false),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    path: ['cert'],
    message: '`cert` and `key` belong together',
  })
  .refine(({ url, ca, cert }) => url.startsWith('mqtts:') || (ca === undefined && cert === undefined), {
    path: ['url'],
    message: '`ca`, `cert` and `key` are of mqtts://',
  })
  .refine(({ user, passwordFile }) => user !== undefined || passwordFile === undefined, {
    path: ['passwordFile'],
    message: 'a password needs a `user`',
  });

/** `kubeedge:` of gateway.yaml: the gateway as a mapper of the node's EdgeCore. */
export const kubeedgeSchema = z
  .strictObject({
    enabled: z.boolean().default(false),
    /** `false`: no DMI, only the broker. */
    dmiSocket: z.union([z.literal(false), socketPath]).default('/etc/kubeedge/dmi.sock'),
    /** Our own: EdgeCore dials this very path, so it is the same inside a container and on the host. */
    socket: socketPath.default('/etc/kubeedge/sluice.sock'),
    /** Of the mapper; EdgeCore keeps it for ever. */
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'expected lower-case letters, digits and hyphens')
      .default('sluice'),
    /** Devices of these protocols are ours: EdgeCore calls one mapper for each. */
    protocols: z.array(protocolName).min(1).max(8).default(['modbus', 'sluice']),
    broker: broker.optional(),
  })
  .refine(({ enabled, dmiSocket, broker: given }) => !enabled || dmiSocket !== false || given !== undefined, {
    path: ['dmiSocket'],
    message: '`false` leaves no way to KubeEdge: give a `broker`',
  })
  .refine(({ dmiSocket, broker: given }) => dmiSocket === false || given?.twins !== false || given.ownDevices !== '', {
    path: ['broker', 'ownDevices'],
    message: 'DMI knows no device without a namespace: name one, or let `twins` go over the broker',
  })
  .prefault({});

export type KubeEdgeSettings = z.output<typeof kubeedgeSchema>;
export type BrokerSettings = z.output<typeof broker>;
