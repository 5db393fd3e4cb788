import type { StockHint } from '../../core/model/trigger.ts'
import { exactJsonOf } from '../http/json.ts'
import { floorOf, readExact } from './exact.ts'
import type { AvailableField } from './settings.ts'
import { stockFields } from './wire.ts'

/** What a message of Zoho's names. */
export interface Named {
  readonly items: readonly StockHint[]
  /** How many more it named than are taken. */
  readonly leftOut: number
  /** The record's kind, as Zoho's payload wraps it: `item`, `salesorder`; `raw` where nothing wraps it. */
  readonly topic: string
  /** The very same words are the very same message. */
  readonly isUnique: boolean
  /** Present when there are no items. */
  readonly without?: { readonly why: string; readonly isUnreadable: boolean }
}

export interface Believed {
  readonly trustBody: boolean
  readonly availableField: AvailableField
  readonly locationIds: readonly string[]
}

type Node = Readonly<Record<string, unknown>>

/** What only the record of an item has of its own, or of a bundle. */
const itemFields = ['item_id', 'composite_item_id', 'sku', ...stockFields]
const MOST_ITEMS = 500
const MOST_NODES = 50_000
const MOST_DEPTH = 16
/** A clock of Zoho's that is ahead of ours by more than this is not believed: the number would stand against every later one. */
const AHEAD_MS = 5 * 60_000

/**
 * The items in a body and its parameters, wherever they stand: in the record of an item, in the lines of a sales order, an invoice, a bill, a
 * package, a transfer, a credit note or an adjustment, in the parts of a bundle, in raw JSON or in a form. Nothing of the message is believed but
 * their ids and SKUs; {@link StockHint.told} only where the settings say so. `body`: undefined where the parameters are all of it.
 */
export function namedIn(
  settings: Believed,
  parameters: readonly (readonly [string, string])[],
  body: Buffer | undefined,
  receivedAt: number,
): Named {
  const document = body === undefined ? undefined : jsonOf(body)
  // A form's field may hold the document (`JSONString`).
  const documents = parameters.map(([, value]) => (/^\s*[[{]/.test(value) ? jsonOf(Buffer.from(value)) : undefined))
  const roots = [document, ...documents, Object.fromEntries(parameters)].filter((one) => one !== undefined)
  const found = walk(roots)
  const record = recordIn(roots)
  const told = record === undefined ? undefined : toldBy(settings, record.fields, receivedAt)
  if (told !== undefined) found.items.set(told.itemId, told.hint)
  const all = [...found.items.values()]
  const items = all.slice(0, MOST_ITEMS)
  return {
    items,
    leftOut: all.length - items.length,
    topic: record?.topic ?? 'raw',
    isUnique: record !== undefined && isUnique(record.fields, roots),
    ...(items.length > 0 ? {} : { without: whyNone(document, body, found.hasLines) }),
  }
}

function whyNone(document: unknown, body: Buffer | undefined, hasLines: boolean): NonNullable<Named['without']> {
  if (hasLines) return { why: 'it has lines, and none of them is an item', isUnreadable: false }
  const isText = body !== undefined && body.length > 0 && document === undefined
  return { why: isText ? 'the body is no JSON' : 'it names no item', isUnreadable: true }
}

interface Found {
  readonly items: Map<string, StockHint>
  readonly hasLines: boolean
}

/** Without recursion: how deep a message is nested is its sender's choice. */
function walk(roots: readonly unknown[]): Found {
  const items = new Map<string, StockHint>()
  const queue: { readonly value: unknown; readonly depth: number }[] = roots.map((value) => ({ value, depth: 0 }))
  let hasLines = false
  for (let at = 0; at < queue.length && at < MOST_NODES; at += 1) {
    const { value, depth } = queue[at] ?? { value: undefined, depth: 0 }
    if (typeof value !== 'object' || value === null || depth > MOST_DEPTH) continue
    if (isRecord(value)) {
      hasLines ||= Array.isArray(value['line_items'])
      for (const hint of hintsOf(value)) {
        const key = hint.itemId ?? `sku ${hint.sku}`
        items.set(key, { ...items.get(key), ...hint })
      }
    }
    for (const inner of Object.values(value)) {
      if (queue.length >= MOST_NODES) break
      if (typeof inner === 'object') queue.push({ value: inner, depth: depth + 1 })
    }
  }
  return { items, hasLines }
}

function hintsOf(node: Node): readonly StockHint[] {
  const sku = skuOf(node['sku'])
  const ids = [...textsOf(node['item_id']), ...textsOf(node['composite_item_id'])].filter(isId)
  const listed = textsOf(node['item_ids']).filter(isId)
  const [own] = ids
  if (own === undefined && listed.length === 0) return sku === undefined ? [] : [{ sku }]
  // A SKU beside several ids is that of none of them.
  const named = ids.length === 1 && sku !== undefined ? [{ itemId: ids[0] ?? '', sku }] : ids.map((itemId) => ({ itemId }))
  return [...named, ...listed.map((itemId) => ({ itemId }))]
}

/** `1`, `1, 2` or a list of them. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
  return typeof value === 'string' ? value.split(',').map((one) => one.trim()) : []
}

function isId(text: string): boolean {
  return /^\d{1,25}$/.test(text)
}

function skuOf(value: unknown): string | undefined {
  const sku = typeof value === 'string' ? value.trim() : ''
  return /^\P{C}{1,100}$/u.test(sku) ? sku : undefined
}

/** The record that the message is about: wrapped by its name as in the default payload, or bare. */
function recordIn(roots: readonly unknown[]): { readonly topic: string; readonly fields: Node } | undefined {
  for (const root of roots) {
    if (!isRecord(root)) continue
    const isBare = isText(root['item_id']) || isText(root['sku'])
    for (const [name, fields] of isBare ? [] : Object.entries(root)) {
      if (/^[a-z][a-z_]{0,39}$/.test(name) && isRecord(fields)) return { topic: name, fields }
    }
    if (Object.keys(root).length > 0) return { topic: 'raw', fields: root }
  }
  return undefined
}

/**
 * Whether the same words can only be the same message: it has a number of its own, or tells when its record changed. The record of an item never
 * can: a movement need not count as a change (contract section 7), and stock that goes from 5 to 4 and back to 5 says the same of two of them.
 */
function isUnique(record: Node, roots: readonly unknown[]): boolean {
  if (roots.some((root) => isRecord(root) && isText(root['event_id']))) return true
  return isText(record['last_modified_time']) && !itemFields.some((name) => record[name] !== undefined)
}

/** The configured number of an item's own record, where it may be used at once. */
function toldBy(
  { trustBody, availableField, locationIds }: Believed,
  record: Node,
  receivedAt: number,
): { readonly itemId: string; readonly hint: StockHint } | undefined {
  // Of single places only a detail read gives the sum.
  if (!trustBody || locationIds.length > 0) return undefined
  const { item_id: itemId, status, last_modified_time: changed } = record
  if (typeof itemId !== 'string' || !isId(itemId)) return undefined
  if (typeof status === 'string' && status.toLowerCase() !== 'active') return undefined
  const exact = readExact(record[availableField])
  const available = exact === undefined ? undefined : floorOf(exact)
  const at = instantOf(changed)
  if (available === undefined || at === undefined || at > receivedAt + AHEAD_MS) return undefined
  const sku = skuOf(record['sku'])
  return { itemId, hint: { itemId, ...(sku === undefined ? {} : { sku }), told: { available: String(available), at } } }
}

/** Zoho writes `2026-11-21T15:00:00+0530`. Without a zone it is nobody's time. */
function instantOf(value: unknown): number | undefined {
  const match =
    typeof value === 'string' ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-]\d\d):?(\d\d))$/.exec(value) : null
  if (match === null) return undefined
  const [, time = '', hours, minutes = ''] = match
  const at = Date.parse(`${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`)
  return Number.isNaN(at) || at <= 0 ? undefined : at
}

/** Every number as the text it was written in: ids have more digits than a number holds. */
function jsonOf(body: Buffer): unknown {
  return exactJsonOf({ status: 200, headers: {}, body })
}

function isRecord(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
