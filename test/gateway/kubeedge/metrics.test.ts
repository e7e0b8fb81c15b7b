import { expect, test } from 'vitest';
import { Metrics } from '../../../core/metrics.ts';
import type { KubeEdge } from '../../../gateway/kubeedge/kube-edge.ts';
import { watchKubeEdge } from '../../../gateway/kubeedge/metrics.ts';

test('what has no mapper to register has no figure that says it is not registered', async () => {
  const textOf = (mapper?: 'connecting' | 'registered') => {
    const metrics = new Metrics();
    const status = () => ({ reports: 0, failed: 0, limited: 0, devices: [], ...(mapper ? { mapper } : {}) });
    const counts = () => ({ sent: 0, failed: 0, limited: 0, pushed: 0, unpushed: 7 });
    watchKubeEdge(metrics, { status, counts } as unknown as KubeEdge);
    return metrics.registry.metrics();
  };
  expect(await textOf('connecting')).toContain('\nsluice_kubeedge_registered 0\n');
  expect(await textOf('connecting')).toContain('\nsluice_kubeedge_push_failed_total 7\n');
  expect(await textOf('registered')).toContain('\nsluice_kubeedge_registered 1\n');
  expect(await textOf()).not.toContain('sluice_kubeedge_registered');
});
