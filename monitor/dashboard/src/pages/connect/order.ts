import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, post } from '../../data/api.ts';
import { after } from '../../data/clock.ts';

/** Something that a gateway does at once, as far as it is. */
export interface Order<Body> {
  readonly id: string;
  readonly state: 'sent' | 'running' | 'done' | 'failed' | 'refused' | 'cancelled';
  readonly code?: string;
  readonly detail?: string;
  readonly progress?: { readonly done: number; readonly total: number };
  readonly body?: Body;
}

const LOOK_EVERY_MS = 500;

export interface OrderControl<Body> {
  readonly order: Signal<Order<Body> | undefined>;
  readonly isUnderWay: boolean;
  /** Throws Refusal, TypeError. */
  give(body: object): Promise<void>;
  cancel(): void;
  forget(): void;
}

/** One order of a kind at a time, followed until it is over or the page is left. */
export function useOrder<Body>(gateway: string, kind: 'scan' | 'read' | 'ports'): OrderControl<Body> {
  const order = useSignal<Order<Body> | undefined>(undefined);
  const path = `/gateways/${encodeURIComponent(gateway)}`;
  const id = order.value?.id;
  const isUnderWay = order.value?.state === 'sent' || order.value?.state === 'running';
  useEffect(() => {
    if (id === undefined || !isUnderWay) return undefined;
    let stop = () => {};
    let isLeft = false;
    const look = () => {
      ask<Order<Body>>(`${path}/orders/${id}`).then(
        (now) => {
          if (isLeft || order.value?.id !== id) return;
          order.value = now;
          stop = after(LOOK_EVERY_MS, look);
        },
        () => {
          if (!isLeft) stop = after(LOOK_EVERY_MS, look);
        },
      );
    };
    stop = after(LOOK_EVERY_MS / 2, look);
    return () => {
      isLeft = true;
      stop();
    };
  }, [id, isUnderWay]);
  return {
    order,
    isUnderWay,
    async give(body) {
      order.value = undefined;
      const given = await post<{ id: string }>(`${path}/${kind}`, body);
      order.value = { id: given.id, state: 'sent' };
    },
    cancel() {
      if (id !== undefined) post(`${path}/orders/${id}/cancel`, {}).catch(() => {});
    },
    forget() {
      order.value = undefined;
    },
  };
}
