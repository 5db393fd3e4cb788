import { readCursor } from '../db/cursors.ts'
import type { Db } from '../db/db.ts'
import { countDeliveries } from '../db/inbox.ts'

/** How it stands with webhooks. Times ISO 8601 UTC, ages in seconds. */
export interface WebhookStatus {
  /** When an isync serve last said that it works; null: never. */
  readonly serve_seen: string | null
  readonly serve_age_s: number | null
  /** Deliveries that are not over. */
  readonly waiting: number
  readonly oldest_age_s: number | null
  /** Deliveries that nobody could work on. */
  readonly dead: number
}

/** Reads only. */
export async function webhookStatus(db: Db, now: number): Promise<WebhookStatus> {
  const seen = (await readCursor(db, 'serve', 'alive'))?.at
  const { waiting, dead, oldest } = await countDeliveries(db)
  return {
    serve_seen: seen === undefined ? null : new Date(seen).toISOString(),
    serve_age_s: seen === undefined ? null : Math.round((now - seen) / 1000),
    waiting,
    oldest_age_s: oldest === null ? null : Math.round((now - oldest) / 1000),
    dead,
  }
}
