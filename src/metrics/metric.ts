// The contract of a metric: what a monitoring system is told. Rule: names are documented in docs/metrics.md and never change their meaning.

/** Labels in the order in which they are told. */
export type MetricLabels = Readonly<Record<string, string>>;

export interface MetricPoint {
  readonly labels: MetricLabels;
  readonly value: number;
}

/** A gauge: corrections may lower every sum. */
export interface Metric {
  /** `tollgate.budget.spend`; in Prometheus `tollgate_budget_spend_usd`. */
  readonly name: string;
  /** UCUM, as OpenTelemetry has them; `1`: a share or a count. */
  readonly unit: '1' | 'USD' | 's';
  readonly help: string;
  readonly points: readonly MetricPoint[];
}
