import type { AlertState } from '../../src/core/db/notices.ts'
import { noon } from './a-clock.ts'

let made = 0

/** An alert that was opened at noon and of which nobody was told, with these differences. */
export function anAlert(change: Partial<AlertState> = {}): AlertState {
  return {
    id: `alert-${++made}`,
    rule: 'missing-orders',
    channel: 'amazon-us',
    severity: 'warning',
    opened_at: noon,
    last_seen_at: noon,
    count: 1,
    message: '',
    next: '',
    acknowledged_at: null,
    acknowledged_by: null,
    snoozed_until: null,
    resolved_at: null,
    notified_at: null,
    notified_severity: null,
    ...change,
  }
}
