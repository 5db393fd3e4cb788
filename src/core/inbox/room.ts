import type { Backlog } from '../db/inbox.ts'
import type { WebhookSourceName } from '../ports/webhook.ts'

/** Whether there is room for more deliveries. */
export interface Room {
  /** What waits now. */
  look(backlog: readonly Pick<Backlog, 'provider' | 'count'>[]): void
  isFullFor(source: WebhookSourceName): boolean
}

/**
 * Room for `most` deliveries of all senders together. When it is used up, only those are turned away that have an even share of it waiting: a flood
 * of one sender keeps none of the others out, and all of them together never have more than twice as much.
 */
export function roomFor(most: number, senders: number): Room {
  const share = most / Math.max(senders, 1)
  let waiting = new Map<string, number>()
  let all = 0
  return {
    look(backlog) {
      waiting = new Map()
      for (const { provider, count } of backlog) waiting.set(provider, (waiting.get(provider) ?? 0) + count)
      all = backlog.reduce((sum, { count }) => sum + count, 0)
    },
    isFullFor: (source) => all >= most && (waiting.get(source) ?? 0) >= share,
  }
}
