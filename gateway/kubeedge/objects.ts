import { z } from 'zod';
import { type Scalar, scalarOf } from './config-data.ts';
import type { ConfigData, DmiDevice, DmiModel, DmiProperty } from './dmi.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const configSchema = z.record(z.string(), scalar);
export type Config = Readonly<Record<string, Scalar>>;

const pushSchema = z.object({ address: z.string(), topic: z.string(), qos: z.number(), retained: z.boolean() });
export type Push = z.output<typeof pushSchema>;

const propertySchema = z.object({
  name: z.string(),
  /** Left out: nothing is wanted of it. */
  desired: z.string().optional(),
  visitor: configSchema,
  /** As they came: nanoseconds up to 1.17, milliseconds from 1.18 on. */
  collectCycle: z.number(),
  reportCycle: z.number(),
  reportToCloud: z.boolean(),
  push: pushSchema.optional(),
  /** Ways of `pushMethod` that are not gone here. */
  unpushed: z.array(z.string()).optional(),
});
export type KubeProperty = z.output<typeof propertySchema>;

/** A Device object, as far as a mapper needs it. */
export const kubeDeviceSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  model: z.string(),
  protocol: z.string(),
  config: configSchema,
  properties: z.array(propertySchema),
  /** Keys of `configData` whose values could not be read. */
  unread: z.array(z.string()),
});
export type KubeDevice = z.output<typeof kubeDeviceSchema>;

/** A DeviceModel object. */
export const kubeModelSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  properties: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      type: z.string(),
      accessMode: z.string(),
      minimum: z.string(),
      maximum: z.string(),
      unit: z.string(),
    }),
  ),
});
export type KubeModel = z.output<typeof kubeModelSchema>;
export type ModelProperty = KubeModel['properties'][number];

/** Objects that say nothing of a namespace are of this one. */
const NO_NAMESPACE = 'default';

/** `namespace/name`, as in KubeEdge's topics. */
export function objectId({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

export function modelIdOf({ namespace, model }: KubeDevice): string {
  return `${namespace}/${model}`;
}

export function kubeDeviceOf({ name, namespace, spec }: DmiDevice): KubeDevice {
  const unread: string[] = [];
  const config = configOf(spec?.protocol ?? null, 'protocol', unread);
  return {
    namespace: namespace || NO_NAMESPACE,
    name,
    model: spec?.deviceModelReference ?? '',
    protocol: spec?.protocol?.protocolName ?? '',
    config,
    properties: (spec?.properties ?? []).map((property) => propertyOf(property, unread)),
    unread,
  };
}

export function kubeModelOf({ name, namespace, spec }: DmiModel): KubeModel {
  const properties = (spec?.properties ?? []).map(
    ({ name: property, description, type, accessMode, minimum, maximum, unit }) => {
      return { name: property, description, type, accessMode, minimum, maximum, unit };
    },
  );
  return { namespace: namespace || NO_NAMESPACE, name, properties };
}

const OTHER_WAYS = ['http', 'dbMethod', 'otel'] as const;

function propertyOf(given: DmiProperty, unread: string[]): KubeProperty {
  const { name, desired, visitors, collectCycle, reportCycle, reportToCloud, pushMethod } = given;
  const mqtt = pushMethod?.mqtt;
  const unpushed = OTHER_WAYS.filter((way) => pushMethod?.[way]);
  return {
    name,
    // An empty text is what proto3 makes of a value that nobody gave; written, it would be a mistake of ours.
    ...(desired?.value ? { desired: desired.value } : {}),
    visitor: configOf(visitors, name, unread),
    ...{ collectCycle, reportCycle, reportToCloud },
    ...(mqtt?.address
      ? { push: { address: mqtt.address, topic: mqtt.topic, qos: mqtt.qos, retained: mqtt.retained } }
      : {}),
    ...(unpushed.length > 0 ? { unpushed } : {}),
  };
}

function configOf(given: ConfigData | null, place: string, unread: string[]): Record<string, Scalar> {
  const config: Record<string, Scalar> = {};
  for (const [key, any] of Object.entries(given?.configData?.data ?? {})) {
    const value = scalarOf(any);
    if (value === undefined) unread.push(`${place}.${key}`);
    else config[key] = value;
  }
  return config;
}
