import { Counter, Histogram, Registry } from 'prom-client'
import type { Refusal, WebhookSourceName } from '../core/ports/webhook.ts'

/** What this process has answered, for /metrics. Labels are words of ours only. */
export interface Figures {
  /** `seconds`: from the whole request to its being on disk. */
  answered(
    source: WebhookSourceName | undefined,
    how: Refusal | 'kept' | 'repeat' | 'handshake' | 'busy' | 'failed',
    seconds?: number,
  ): void
  /** As Prometheus reads them. */
  text(): Promise<string>
}

export function countAnswers(): Figures {
  const registry = new Registry()
  const requests = new Counter({
    name: 'isync_webhook_requests_total',
    help: 'Requests to the addresses of webhooks, by what became of them.',
    labelNames: ['source', 'result'],
    registers: [registry],
  })
  const keeping = new Histogram({
    name: 'isync_webhook_keep_seconds',
    help: 'From a whole request to its being on disk.',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })
  return {
    answered(source = undefined, how, seconds) {
      requests.inc({ source: source ?? 'unknown', result: how })
      if (seconds !== undefined) keeping.observe(seconds)
    },
    text: () => registry.metrics(),
  }
}
