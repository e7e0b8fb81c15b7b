import type { Metrics } from '../../core/metrics.ts';
import type { KubeEdge } from './kube-edge.ts';

/** Names are listed in docs/metrics.md. */
export function watchKubeEdge(metrics: Metrics, kube: KubeEdge): void {
  metrics.follow('counter', 'sluice_kubeedge_reports_total', 'Reports that EdgeCore took', () => kube.counts().sent);
  metrics.follow('counter', 'sluice_kubeedge_reports_failed_total', 'Reports that failed', () => kube.counts().failed);
  metrics.follow(
    'counter',
    'sluice_kubeedge_limited_total',
    'Calls that EdgeCore refused because the node had too many',
    () => kube.counts().limited,
  );
  metrics.follow(
    'counter',
    'sluice_kubeedge_pushed_total',
    'Readings published for `pushMethod.mqtt`',
    () => kube.counts().pushed,
  );
  metrics.follow(
    'counter',
    'sluice_kubeedge_push_failed_total',
    'Readings that `pushMethod.mqtt` names and that could not be published',
    () => kube.counts().unpushed,
  );
  // Where only the node's broker is used there is nothing to register, and nothing to be alarmed about.
  if (kube.status().mapper !== undefined)
    metrics.follow('gauge', 'sluice_kubeedge_registered', '1 while the mapper is registered with EdgeCore', () =>
      Number(kube.status().mapper === 'registered'),
    );
  metrics.followEach(
    'gauge',
    'sluice_kubeedge_devices',
    'Device objects by the state that KubeEdge is told',
    ['state'],
    () => {
      const { devices } = kube.status();
      return ['online', 'offline', 'unhealthy', 'unknown'].map((state) => {
        return { labels: { state }, value: devices.filter((device) => device.state === state).length };
      });
    },
  );
}
