import type { ChannelCode } from '../model/channel.ts'
import type { Db } from './db.ts'

/** A carrier that packages of a channel went with. */
export interface UsedCarrier {
  readonly channel: ChannelCode
  readonly carrier_code: string
  readonly service_code: string | null
  /** One of its tracking numbers. */
  readonly tracking_number: string
  readonly packages: number
}

/** Which carriers took packages of each channel since (epoch ms); returns and voided labels do not count. */
export async function usedCarriers(db: Db, since: number): Promise<UsedCarrier[]> {
  const rows = await db.rows<UsedCarrier>(
    `select o.channel as channel, s.carrier_code as carrier_code, s.service_code as service_code,
       min(s.tracking_number) as tracking_number, count(distinct s.id) as packages
     from shipments s join shipment_lines l on l.shipment_id = s.id join orders o on o.id = l.order_id
     where s.seen_at >= ? and s.is_return = 0 and s.voided_at is null
     group by o.channel, s.carrier_code, s.service_code order by o.channel, s.carrier_code`,
    [since],
  )
  return rows.map((row) => ({ ...row, packages: Number(row.packages) }))
}

/** A SKU that a channel's orders name; '' where lines name none. */
export interface SoldSku {
  readonly channel: ChannelCode
  readonly sku: string
  /** One of the orders. */
  readonly external_order_id: string
}

/** The SKUs of the seller's orders placed since (epoch ms), each once per channel. */
export async function soldSkus(db: Db, since: number): Promise<SoldSku[]> {
  return db.rows(
    `select o.channel as channel, l.sku as sku, max(o.external_order_id) as external_order_id
     from orders o join order_lines l on l.order_id = o.id
     where o.order_created_at >= ? and o.fulfilled_by = 'seller' and o.status not in ('cancelled', 'poison')
     group by o.channel, l.sku order by o.channel, l.sku`,
    [since],
  )
}

/** Whether the stock source was ever read. */
export async function knowsStock(db: Db): Promise<boolean> {
  return (await db.rows('select 1 as found from stock limit 1')).length > 0
}
