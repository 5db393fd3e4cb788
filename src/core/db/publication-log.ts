import type { ChannelCode } from '../model/channel.ts'
import { type Db, insertMany } from './db.ts'

export type PublicationOutcome = 'accepted' | 'refused' | 'failed' | 'unlisted' | 'not-ours'

export interface PublicationLogRow {
  readonly id: string
  readonly at: number
  readonly channel: ChannelCode
  readonly sku: string
  readonly quantity: number
  readonly previous: number | null
  readonly outcome: PublicationOutcome
  /** JSON, as in publications. */
  readonly why: string
  readonly detail: string | null
  readonly report: string | null
  readonly run_id: string
}

/** Writes down quantities that a channel was told and what it said. */
export async function logPublications(db: Db, rows: readonly PublicationLogRow[]): Promise<void> {
  await insertMany(db, 'publication_log', rows)
}

/** Everything that channels were told of one SKU, oldest first. */
export async function publicationLogOf(db: Db, sku: string): Promise<PublicationLogRow[]> {
  return db.rows<PublicationLogRow>(
    'select id, at, channel, sku, quantity, previous, outcome, why, detail, report, run_id from publication_log where sku = ? order by at, id',
    [sku],
  )
}
