import type { Run } from '../context.ts'
import { stockSpellings } from '../db/movements.ts'
import { knowsStock, type SoldSku, soldSkus, usedCarriers } from '../db/usage.ts'
import { skuKeyOf } from '../model/stock.ts'
import { carrierOf } from '../tracking/carriers.ts'
import type { DoctorCheck } from './doctor-check.ts'

const LOOK_BACK_MS = 30 * 86_400_000
const EXAMPLES = 5

/** Which carriers and SKUs of the last 30 days nobody has mapped: from our own books, no vendor is asked. */
export async function mappingChecks(run: Run, channels: readonly string[], hasStock: boolean): Promise<DoctorCheck[]> {
  const since = run.clock.now() - LOOK_BACK_MS
  const carriers = await carrierChecks(run, channels, since)
  return hasStock && (await knowsStock(run.db)) ? [...carriers, ...(await skuChecks(run, channels, since))] : carriers
}

async function carrierChecks({ db, settings }: Run, channels: readonly string[], since: number): Promise<DoctorCheck[]> {
  const used = await usedCarriers(db, since)
  return channels.flatMap((channel): readonly DoctorCheck[] => {
    const own = used.filter((one) => one.channel === channel)
    if (own.length === 0) return []
    const mapped = settings.channels.get(channel)?.carriers ?? []
    const unknown = own.filter(({ carrier_code: carrierCode, service_code: service, tracking_number: trackingNumber }) => {
      if (mapped.includes(carrierCode)) return false
      const facts = { carrierCode, trackingNumber, ...(service === null ? {} : { serviceCode: service }) }
      return carrierOf(facts, settings.carriers).family === 'other'
    })
    const base = { channel, check: 'carriers' }
    if (unknown.length === 0) return [{ ...base, ok: true, detail: `${own.length} in use, all known`, fix: '' }]
    const codes = [...new Set(unknown.map(({ carrier_code: code }) => (code === '' ? '(no carrier)' : code)))]
    const packages = unknown.reduce((sum, one) => sum + one.packages, 0)
    return [
      {
        ...base,
        ok: false,
        detail: `told as 'other', which a channel may refuse, for ${packages} package(s): ${listed(codes)}`,
        fix: `say what they are in shipstation.carriers (for all channels), or as this one calls them in channels.${channel}.carriers`,
      },
    ]
  })
}

async function skuChecks({ db }: Run, channels: readonly string[], since: number): Promise<DoctorCheck[]> {
  const sold = await soldSkus(db, since)
  const skus = [...new Set(sold.map(({ sku }) => sku))].filter((sku) => sku.trim() !== '')
  const known = await stockSpellings(
    db,
    skus.map((sku) => ({ sku, key: skuKeyOf(sku) })),
  )
  return channels.flatMap((channel) => {
    const own = sold.filter((one) => one.channel === channel)
    return own.length === 0 ? [] : [skuCheck(channel, own, known)]
  })
}

function skuCheck(channel: string, sold: readonly SoldSku[], known: ReadonlyMap<string, string>): DoctorCheck {
  const nameless = sold.filter(({ sku }) => sku.trim() === '')
  const unknown = sold.filter(({ sku }) => sku.trim() !== '' && !known.has(sku))
  const base = { channel, check: 'skus' }
  if (nameless.length + unknown.length === 0)
    return { ...base, ok: true, detail: `${sold.length} sold, all in stock's books`, fix: '' }
  const without = nameless.map(({ external_order_id: id }) => `lines without a SKU, as in order ${id}`)
  const detail =
    unknown.length === 0
      ? []
      : [`${unknown.length} sold that the stock source does not know: ${listed(unknown.map(({ sku }) => sku))}`]
  return {
    ...base,
    ok: false,
    detail: [...detail, ...without].join('; '),
    fix: 'give the items these SKUs in Zoho, or the listings the SKUs of Zoho; sales of others lower no stock',
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - EXAMPLES
  return `${names.slice(0, EXAMPLES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
