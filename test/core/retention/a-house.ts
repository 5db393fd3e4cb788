import { insertMany } from '../../../src/core/db/db.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { type PurgeReport, purge } from '../../../src/core/retention/purge.ts'
import { DAY, noon } from '../../world/a-clock.ts'
import { amazonUs, aRun, macys, type RunOptions, settings, type TestRun } from '../../world/a-run.ts'
import { anAddress, anOrder } from '../../world/an-order.ts'
import type { TestDatabase } from '../../world/databases.ts'

/** Amazon 30 days, Macy's 90. */
const channels = new Map([amazonUs, { ...macys, personalDays: 90 }].map((channel) => [channel.code, channel]))

/** An empty house that keeps personal data as long as the configuration's defaults say. */
export function aHouse(database: TestDatabase, options: RunOptions = {}): Promise<TestRun> {
  return aRun(database, { ...options, settings: { channels, ...options.settings } })
}

export async function store(run: TestRun, ...orders: readonly NormalizedOrder[]): Promise<void> {
  for (const channel of channels.values()) {
    const own = orders.filter((order) => order.channel === channel.code)
    await run.db.transaction((tx) => storePage(tx, run, channel, { orders: own, poison: [], skipped: 0 }))
  }
}

/** An order of somebody who can be told apart, last changed so many days ago. */
export function soldTo(person: string, id: string, daysAgo: number, change: Partial<NormalizedOrder> = {}): NormalizedOrder {
  const updatedAt = noon - daysAgo * DAY
  return anOrder(id, {
    createdAt: updatedAt - DAY,
    updatedAt,
    buyer: { name: person, email: `${person}@example.org` },
    shipTo: { ...anAddress, name: person },
    notes: `${person} rings twice`,
    raw: { id, name: person },
    ...change,
  })
}

export function purged(run: TestRun, ...only: readonly string[]): Promise<PurgeReport> {
  return purge(run, only.length === 0 ? undefined : only, () => undefined)
}

/** Orders that still say who bought them. */
export async function remembered(run: TestRun): Promise<string[]> {
  const rows = await run.db.rows<{ external_order_id: string }>(
    'select external_order_id from orders where buyer is not null order by external_order_id',
  )
  return rows.map((row) => row.external_order_id)
}

/** Orders that still have a document, once per document. */
export async function documented(run: TestRun): Promise<string[]> {
  const rows = await run.db.rows<{ external_order_id: string }>(
    'select external_order_id from order_payloads order by external_order_id, version',
  )
  return rows.map((row) => row.external_order_id)
}

/** What was done so many days ago, as the journals keep it. */
export async function aDayOf(run: TestRun, daysAgo: number): Promise<void> {
  const at = noon - daysAgo * DAY
  const name = `d${String(daysAgo).padStart(4, '0')}`
  const { db } = run
  await insertMany(db, 'events', [{ id: name, at, actor: 'cron', entity: 'order', entity_id: 'amazon-us/A-1', what: name }])
  await insertMany(db, 'runs', [{ id: name, command: name, host: 'host-a', pid: 1, started_at: at }])
  const alert = { rule: name, channel: 'amazon-us', severity: 'warning', opened_at: at, last_seen_at: at, message: '', next: '' }
  await insertMany(db, 'alerts', [
    { id: `${name} open`, ...alert, resolved_at: null },
    { id: `${name} closed`, ...alert, resolved_at: at },
  ])
  const finding = {
    kind: name,
    channel: 'amazon-us',
    severity: 'warning',
    detail: '',
    next: '',
    opened_at: at,
    last_seen_at: at,
    run_id: name,
  }
  await insertMany(db, 'findings', [
    { id: `${name} open`, ...finding, state: 'open', closed_at: null },
    { id: `${name} closed`, ...finding, state: 'gone', closed_at: at },
  ])
  await insertMany(db, 'notices', [
    { id: name, medium: 'email', kind: 'opened', alerts: '[]', subject: '', body: '', created_at: at },
  ])
  const told = { at, channel: 'amazon-us', sku: 'MUG', quantity: daysAgo, outcome: 'accepted', why: '{}', run_id: name }
  await insertMany(db, 'publication_log', [{ id: name, ...told }])
  const read = { sku: 'MUG', read_at: at, reading_id: name, previous: 1, available: daysAgo, state: 'tracked', fields: '{}' }
  await insertMany(db, 'stock_history', [read])
  const reading = { kind: 'full', began_at: at, ended_at: at + 1, verdict: 'counted', run_id: name }
  await insertMany(db, 'stock_readings', [{ id: name, ...reading }])
}

/** What is left of the journals: the name of each row. */
export async function journalled(run: TestRun): Promise<Record<string, string[]>> {
  const columns = {
    events: 'what',
    runs: 'command',
    alerts: 'id',
    findings: 'id',
    notices: 'id',
    publication_log: 'id',
    stock_history: 'reading_id',
    stock_readings: 'id',
  }
  const left: Record<string, string[]> = {}
  for (const [table, column] of Object.entries(columns)) {
    const rows = await run.db.rows<{ name: string }>(`select ${column} as name from ${table} order by 1`)
    left[table] = rows.map(({ name }) => name)
  }
  return left
}

export { settings }
