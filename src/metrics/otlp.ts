// Metrics as a collector of OpenTelemetry takes them: the JSON of OTLP/HTTP 1.x (opentelemetry.io/docs/specs/otlp, read 2026-11-29). PURE.
import type { EpochMs } from '../domain/time.ts';
import type { Metric, MetricLabels } from './metric.ts';

/** Where a collector takes metrics, where the endpoint names none. */
const METRICS_PATH = '/v1/metrics';

/** The address to post to: an endpoint without a path gets that of metrics. */
export function otlpAddress(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === '/' || url.pathname === '') url.pathname = METRICS_PATH;
  return url.href;
}

/** The body of the request. `resource`: who tells it. */
export function otlpBody(metrics: readonly Metric[], resource: MetricLabels, now: EpochMs): string {
  const timeUnixNano = `${now}000000`;
  return JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeMetrics: [
          {
            scope: { name: 'tollgate', version: resource['service.version'] },
            metrics: metrics.map(({ name, unit, help, points }) => ({
              ...{ name, unit, description: help },
              gauge: {
                dataPoints: points.map(({ labels, value }) => ({
                  ...{ attributes: attributesOf(labels), timeUnixNano, asDouble: value },
                })),
              },
            })),
          },
        ],
      },
    ],
  });
}

const attributesOf = (labels: MetricLabels) =>
  Object.entries(labels).map(([key, value]) => ({
    key,
    value: { stringValue: value.replace(/\p{Surrogate}/gu, '\ufffd') },
  }));
