import type { Run } from '../context.ts'
import { type EventRow, settingEventsFor } from '../db/events.ts'
import { movementsOf } from '../db/movements.ts'
import { type PublicationLogRow, publicationLogOf } from '../db/publication-log.ts'
import { type PublicationDetail, publicationDetails } from '../db/publications.ts'
import { countedStockOf, type HistoryRow, type StockRow, stockFields, stockHistory } from '../db/stock.ts'
import { storyOf } from '../inventory/preview.ts'
import { type PreviewRow, previewRows } from '../inventory/preview-rows.ts'
import { loadRuleBook } from '../inventory/rules.ts'
import type { Why } from '../inventory/why.ts'
import { skuKeyOf } from '../model/stock.ts'

/** One link of the causal chain. Times ISO 8601 UTC. */
export interface SkuEvent {
  readonly at: string
  readonly what: 'stock read' | 'order' | 'order cancelled' | 'published' | 'setting'
  readonly channel: string | null
  readonly detail: string
  /** Of the quantity it is about: before and after. */
  readonly from: number | null
  readonly to: number | null
  readonly by: string | null
}

export interface SkuReport {
  readonly sku: string
  readonly name: string | null
  readonly item_id: string
  readonly state: string
  /** At the asked time: as the source told it, what orders took since, and what is left. Whole units. */
  readonly at: string
  readonly available: number | null
  readonly read_at: string | null
  readonly deducted: number
  readonly shadow: number | null
  /** Every stock field of the last reading. */
  readonly fields: Readonly<Record<string, string>>
  /** What each channel would be told now; empty for a time in the past. */
  readonly allocation: readonly PreviewRow[]
  readonly channels: readonly SkuChannel[]
  /** Oldest first. */
  readonly history: readonly SkuEvent[]
}

export interface SkuChannel {
  readonly channel: string
  /** What it was last told and took, at the asked time. */
  readonly published: number | null
  readonly published_at: string | null
  readonly why: Why | null
  /** Only for now. */
  readonly wanted: number | null
  readonly state: string | null
  readonly note: string | null
}

/**
 * The whole causal chain of one SKU: what the source told, what orders took, which rules held, what each channel was told and said. `at` (epoch ms)
 * tells it as it stood then. Undefined: no reading has shown this SKU. SKUs that differ in case only are not the same.
 */
export async function skuReport(
  run: Pick<Run, 'db' | 'settings' | 'clock' | 'log'>,
  sku: string,
  at?: number,
): Promise<SkuReport | undefined> {
  const now = run.clock.now()
  const asked = at ?? now
  const book = await loadRuleBook(run)
  const [row] = await countedStockOf(run.db, book.effective.carry, [sku])
  if (row === undefined) return undefined
  const readings = (await stockHistory(run.db, sku)).filter(({ read_at }) => read_at <= asked)
  const movements = (await movementsOf(run.db, sku)).filter((one) => one.at <= asked)
  const log = (await publicationLogOf(run.db, sku)).filter((one) => one.at <= asked)
  const settings = (await settingEventsFor(run.db, skuKeyOf(sku))).filter((one) => one.at <= asked)
  const publications = await publicationDetails(run.db, sku)
  const past = at !== undefined && at < now
  const told = past ? toldAt(readings) : row
  const deducted = past
    ? movements.filter(({ sold_at }) => sold_at >= (told?.read_at ?? 0)).reduce((sum, { delta }) => sum - delta, 0)
    : 0 - row.moved
  const story = storyOf(row, book.effective)
  const accepted = new Map(publications.map((one) => [one.channel, one.accepted ?? undefined]))
  const fields = await stockFields(run.db, sku)
  return {
    sku: row.sku,
    name: row.name,
    item_id: row.item_id,
    state: told?.state ?? 'not read yet',
    at: iso(asked),
    available: told?.available ?? null,
    read_at: told === undefined ? null : iso(told.read_at),
    deducted,
    shadow: told?.available == null ? null : told.available - deducted,
    fields: parsed(past ? (readings.at(-1)?.fields ?? '{}') : (fields ?? '{}')),
    allocation:
      past || story === undefined
        ? []
        : previewRows(row.sku, story, book.rulesFor(row.sku, row.brand, row.category), (channel) => accepted.get(channel)),
    channels: channelsAt(publications, log, past),
    history: [
      ...readings.map(readingEvent),
      ...movements.map(({ at: when, delta, reason, channel, external_order_id }): SkuEvent & { readonly when: number } => ({
        when,
        at: iso(when),
        what: reason === 'sold' ? 'order' : 'order cancelled',
        channel,
        detail: `${external_order_id} ${delta < 0 ? 'took' : 'gave back'} ${Math.abs(delta)}`,
        from: null,
        to: null,
        by: null,
      })),
      ...log.map(publishedEvent),
      ...settings.map(settingEvent),
    ]
      .sort((a, b) => a.when - b.when)
      .map(({ when: _when, ...event }) => event),
  }
}

type Dated = SkuEvent & { readonly when: number }

function toldAt(readings: readonly HistoryRow[]): Pick<StockRow, 'state' | 'available' | 'read_at'> | undefined {
  const last = readings.at(-1)
  if (last === undefined || last.available === null) return undefined
  return { state: last.state as StockRow['state'], available: last.available, read_at: last.read_at }
}

function readingEvent({ read_at, previous, available, state }: HistoryRow): Dated {
  const note = state === 'tracked' ? '' : ` (${state})`
  return {
    when: read_at,
    at: iso(read_at),
    what: 'stock read',
    channel: null,
    detail:
      previous === null
        ? `Zoho told ${available}${note} for the first time`
        : `Zoho told ${available}${note}, before that ${previous}`,
    from: previous,
    to: available,
    by: null,
  }
}

function publishedEvent({ at, channel, quantity, previous, outcome, why, detail }: PublicationLogRow): Dated {
  return {
    when: at,
    at: iso(at),
    what: 'published',
    channel,
    detail: `${previous ?? 'nothing'} -> ${quantity}: ${outcome}${detail === null ? '' : ` (${detail})`}; ${whyText(parsedWhy(why))}`,
    from: previous,
    to: quantity,
    by: null,
  }
}

function settingEvent({ at, what, detail, actor, entity_id }: EventRow & { readonly entity_id: string }): Dated {
  const change =
    detail === null
      ? {}
      : (JSON.parse(detail) as { readonly key?: string; readonly old?: string | null; readonly new?: string | null })
  return {
    when: at,
    at: iso(at),
    what: 'setting',
    channel: null,
    detail: `${what} ${change.key ?? entity_id}: ${change.old ?? "the file's"} -> ${change.new ?? "the file's"}`,
    from: null,
    to: null,
    by: actor,
  }
}

/** `10 in Zoho, 2 deducted, safety stock 1, ratio 2.0, cap percent: 10`. */
function whyText(why: Why | undefined): string {
  if (why === undefined) return 'no reason was kept'
  const deducted = why.moved === 0 ? '' : `, ${-why.moved} deducted for orders`
  const bit = why.by.length === 0 ? '' : `, ${why.by.join(', ')}`
  return `${why.available} in Zoho${deducted}, safety stock ${why.safety_stock}, ratio ${why.ratio}${bit}`
}

function channelsAt(publications: readonly PublicationDetail[], log: readonly PublicationLogRow[], past: boolean): SkuChannel[] {
  return publications.map((one) => {
    const last = log.findLast(({ channel, outcome }) => channel === one.channel && outcome === 'accepted')
    if (past) {
      const published = last === undefined ? null : last.quantity
      const why = last === undefined ? null : (parsedWhy(last.why) ?? null)
      return {
        channel: one.channel,
        published,
        published_at: last === undefined ? null : iso(last.at),
        why,
        wanted: null,
        state: null,
        note: null,
      }
    }
    return {
      channel: one.channel,
      published: one.accepted,
      published_at: one.accepted_at === null ? null : iso(one.accepted_at),
      why: parsedWhy(one.why) ?? null,
      wanted: one.wanted,
      state: one.state,
      note: noteOf(one),
    }
  })
}

/** What an operator must know of a quantity that is not simply there. */
function noteOf({ state, held, last_error, report, next_attempt_at }: PublicationDetail): string | null {
  if (held !== null && state === 'due') return `waits: ${held}`
  if (state === 'reported') return `taken, report ${report} is awaited`
  if (state === 'unlisted') return 'the channel has no such listing'
  if (state === 'not-ours') return 'the channel ships it, or keeps it by location: never written'
  if (state === 'dead') return `given up: ${last_error}; isync inventory:rebalance --sku tries again`
  if (last_error !== null) return `${last_error}; next try ${iso(next_attempt_at)}`
  return null
}

function parsedWhy(text: string): Why | undefined {
  try {
    return JSON.parse(text) as Why
  } catch {
    return undefined
  }
}

function parsed(text: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, string>>
  } catch {
    return {}
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
