import type { ChannelCode } from '../model/channel.ts'
import { type Db, insertMany } from './db.ts'

/** A channel's own document, sealed. */
export interface PayloadRow {
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly version: number
  readonly payload: string
  /** Epoch ms; how long it is kept from then on is a setting. */
  readonly received_at: number
}

export async function insertPayloads(tx: Db, rows: readonly PayloadRow[]): Promise<void> {
  await insertMany(tx, 'order_payloads', rows, 'on conflict (channel, external_order_id, version) do nothing')
}

export async function latestPayload(db: Db, channel: ChannelCode, externalOrderId: string): Promise<PayloadRow | undefined> {
  const [row] = await db.rows<PayloadRow>(
    'select * from order_payloads where channel = ? and external_order_id = ? order by version desc limit 1',
    [channel, externalOrderId],
  )
  return row
}
