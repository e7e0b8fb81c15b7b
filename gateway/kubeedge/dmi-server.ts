import { chmod, lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { Fault } from '../../core/faults.ts';
import type { DmiDevice, DmiModel, DmiServices } from './dmi.ts';

/** What EdgeCore tells a mapper. Each may come again and again, and must be quick: EdgeCore waits 10 s and serves one mapper at a time. */
export interface Callbacks {
  device(device: DmiDevice): void;
  removeDevice(namespace: string, name: string): void;
  model(model: DmiModel): void;
  removeModel(namespace: string, name: string): void;
}

type Handle<Request, Response> = (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => void;

interface Named {
  readonly deviceName?: string;
  readonly deviceNamespace?: string;
  readonly modelName?: string;
  readonly modelNamespace?: string;
}

/** Our own end of DMI, on a socket of our own. */
export class DmiServer {
  readonly #socket: string;
  readonly #server: Server;

  constructor(socket: string, { mapper }: DmiServices, callbacks: Callbacks) {
    this.#socket = socket;
    this.#server = new Server();
    this.#server.addService(mapper, handlersOf(callbacks));
  }

  /** Throws Fault mapper-socket. */
  async listen(): Promise<void> {
    await clearWay(this.#socket);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.bindAsync(`unix:${this.#socket}`, ServerCredentials.createInsecure(), (error) =>
          error ? reject(error) : resolve(),
        );
      });
      // EdgeCore is root, and nobody else has anything to say here.
      await chmod(this.#socket, 0o600);
    } catch (cause) {
      throw new Fault('mapper-socket', `${this.#socket}: ${(cause as Error).message}`, { cause });
    }
  }

  async close(): Promise<void> {
    this.#server.forceShutdown();
    await rm(this.#socket, { force: true }).catch(() => {});
  }
}

function handlersOf(callbacks: Callbacks) {
  const device: Handle<{ device: DmiDevice | null }, object> = ({ request: { device: given } }, answer) => {
    if (given === null) return answer({ code: status.INVALID_ARGUMENT, details: 'no device' });
    callbacks.device(given);
    answer(null, { deviceName: given.name, deviceNamespace: given.namespace });
  };
  const model: Handle<{ model: DmiModel | null }, object> = ({ request: { model: given } }, answer) => {
    if (given === null) return answer({ code: status.INVALID_ARGUMENT, details: 'no model' });
    callbacks.model(given);
    answer(null, { deviceModelName: given.name, deviceModelNamespace: given.namespace });
  };
  const named = (then: (namespace: string, name: string) => void): Handle<Named, object> => {
    return ({ request: { deviceName, deviceNamespace, modelName, modelNamespace } }, answer) => {
      then(deviceNamespace ?? modelNamespace ?? '', deviceName ?? modelName ?? '');
      answer(null, {});
    };
  };
  return {
    ...{ RegisterDevice: device, UpdateDevice: device },
    ...{ CreateDeviceModel: model, UpdateDeviceModel: model },
    RemoveDevice: named((namespace, name) => callbacks.removeDevice(namespace, name)),
    RemoveDeviceModel: named((namespace, name) => callbacks.removeModel(namespace, name)),
  };
}

/** A socket that a crash left behind is taken away; nothing else is. Throws Fault mapper-socket. */
async function clearWay(socket: string): Promise<void> {
  const found = await lstat(socket).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Fault('mapper-socket', `${socket}: ${error.message}`, { cause: error });
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Fault('mapper-socket', `${socket} is there and is no socket`);
  if (found.uid !== process.getuid?.()) throw new Fault('mapper-socket', `${socket} belongs to user ${found.uid}`);
  if (await isServed(socket)) throw new Fault('mapper-socket', `${socket}: another mapper listens there`);
  await rm(socket).catch((cause: Error) => {
    throw new Fault('mapper-socket', `${socket}: ${cause.message}`, { cause });
  });
}

function isServed(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
