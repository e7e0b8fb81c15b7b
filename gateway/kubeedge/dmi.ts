import { join } from 'node:path';
import {
  type GrpcObject,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { packageRoot } from '../../core/package-root.ts';

/** A value of `configData` on the wire. */
export interface AnyValue {
  readonly type_url: string;
  readonly value: Uint8Array;
}

export interface ConfigData {
  readonly protocolName: string;
  readonly configData: { readonly data: Readonly<Record<string, AnyValue>> } | null;
}

export interface TwinProperty {
  readonly value: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface DmiProperty {
  readonly name: string;
  readonly desired: TwinProperty | null;
  readonly visitors: ConfigData | null;
  readonly reportCycle: number;
  readonly collectCycle: number;
  readonly reportToCloud: boolean;
  readonly pushMethod: {
    readonly mqtt: {
      readonly address: string;
      readonly topic: string;
      readonly qos: number;
      readonly retained: boolean;
    } | null;
    readonly http?: object | null;
    readonly dbMethod?: object | null;
    readonly otel?: object | null;
  } | null;
}

/** A Device object as EdgeCore gives it: defaults of its model are merged already from 1.22 on. */
export interface DmiDevice {
  readonly name: string;
  readonly namespace: string;
  readonly spec: {
    readonly deviceModelReference: string;
    readonly protocol: ConfigData | null;
    readonly properties: readonly DmiProperty[];
  } | null;
}

export interface DmiModel {
  readonly name: string;
  readonly namespace: string;
  readonly spec: {
    readonly properties: readonly {
      readonly name: string;
      readonly description: string;
      readonly type: string;
      readonly accessMode: string;
      readonly minimum: string;
      readonly maximum: string;
      readonly unit: string;
    }[];
  } | null;
}

/** Both sub-messages, always: EdgeCore dies of a twin that lacks one. */
export interface Twin {
  readonly propertyName: string;
  readonly observedDesired: TwinProperty;
  readonly reported: TwinProperty;
}

export interface DmiServices {
  /** EdgeCore's. */
  readonly manager: ServiceClientConstructor;
  /** The mapper's. */
  readonly mapper: ServiceDefinition;
  /** For who plays EdgeCore. */
  readonly managerDefinition: ServiceDefinition;
  readonly mapperClient: ServiceClientConstructor;
}

/** The two services of DMI v1beta1. Absent messages are null, absent scalars their proto3 default. */
export function loadDmi(): DmiServices {
  const file = join(packageRoot, 'gateway', 'kubeedge', 'dmi.proto');
  const definition = loadSync(file, { keepCase: true, longs: Number, defaults: true });
  const { v1beta1 } = loadPackageDefinition(definition) as { v1beta1: GrpcObject };
  const manager = v1beta1.DeviceManagerService as ServiceClientConstructor;
  const mapper = v1beta1.DeviceMapperService as ServiceClientConstructor;
  return { manager, mapper: mapper.service, managerDefinition: manager.service, mapperClient: mapper };
}
