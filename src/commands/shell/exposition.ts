import { Gauge, Registry } from 'prom-client'
import type { Family } from '../../core/reports/metrics.ts'

/** Figures as Prometheus reads them, version 0.0.4 of its text format. */
export function exposition(families: readonly Family[]): Promise<string> {
  const registry = new Registry()
  for (const { name, help, labels, samples } of families) {
    const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] })
    for (const { labels: of, value } of samples) gauge.set({ ...of }, value)
  }
  return registry.metrics()
}
