import { Fault, type FaultCode } from '../../core/faults.ts';

const CODES: Readonly<Record<number, FaultCode>> = {
  1: 'illegal-function',
  2: 'illegal-address',
  3: 'illegal-value',
  4: 'device-failure',
  5: 'device-busy',
  6: 'device-busy',
  10: 'gateway-path',
  11: 'gateway-target',
};

/** The device, or a device server on the way to it, answered with an exception [MODBUS Application Protocol V1.1b3, 7]. */
export class DeviceException extends Fault {
  readonly exception: number;

  constructor(exception: number) {
    const known = CODES[exception];
    super(known ?? 'exception-other', known ? undefined : `code ${exception}`);
    this.exception = exception;
  }

  /** After these the order may have been carried out all the same: 5, it is being worked on; 11, the device behind did not answer. */
  get leavesOpen(): boolean {
    return this.exception === 5 || this.exception === 11;
  }
}
