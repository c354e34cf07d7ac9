// Metrics as Prometheus reads them: text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats, read 2026-11-29). PURE.
// Rule: whatever stands in a label can end neither its quotes nor its line.
import type { Metric, MetricLabels } from './metric.ts';

const SUFFIX: Readonly<Record<Metric['unit'], string>> = { '1': '', USD: '_usd', s: '_seconds' };

/** `tollgate_budget_spend_usd` */
const prometheusName = ({ name, unit }: Pick<Metric, 'name' | 'unit'>): string =>
  `${name.replaceAll('.', '_')}${SUFFIX[unit]}`;

export function prometheusText(metrics: readonly Metric[]): string {
  return metrics
    .flatMap((metric) => {
      const name = prometheusName(metric);
      return [
        `# HELP ${name} ${metric.help.replaceAll('\\', '\\\\')}`,
        `# TYPE ${name} gauge`,
        ...metric.points.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`),
        '',
      ];
    })
    .join('\n');
}

function labelsText(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Lone surrogates are no UTF-8; other control characters than the line's end are no use to anybody. */
const escaped = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, '\ufffd')
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/\n/g, '\\n');
