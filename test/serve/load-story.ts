import { expect } from 'vitest'
import { openDb } from '../../src/core/db/open.ts'
import { UNJUDGED } from '../../src/core/db/publications.ts'
import { audit } from '../world/auditor.ts'
import { auditStock } from '../world/auditor-stock.ts'
import type { TestDatabase } from '../world/databases.ts'
import type { Started } from '../world/loop.ts'
import { skuNo } from '../world/stock-world.ts'
import {
  type Hook,
  itemChange,
  type LoadWorld,
  labelsMade,
  openLoadWorld,
  orderChange,
  orderPush,
  type Sender,
  type Sent,
} from './load-world.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const SKUS = 30

export interface Load {
  /** Webhooks a second, of all senders together. */
  readonly rate: number
  readonly seconds: number
  /** A process that has just begun compiles what it does for the first time. */
  readonly warmUpMs?: number
  /** Commands that run beside it, one after the other, again and again. */
  readonly cron?: readonly string[]
  /** Moments at which the server dies by `kill -9`, in ms from the beginning; it is started again at once. */
  readonly kills?: readonly number[]
  /** Moments at which it is told to stop, and started again. */
  readonly stops?: readonly number[]
  /** How fast time goes while the last of it is worked on. */
  readonly afterwards?: number
}

/** What was seen, for people. Milliseconds; of the steady pace, without the seconds in which the server gets warm. */
export interface Figures {
  readonly sent: number
  /** Answered with 202. */
  readonly kept: number
  /** Had to be sent more than once. */
  readonly again: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** The sender's own delay, at the 99th percentile: what the machine adds, not the server. */
  readonly senderP99: number
  readonly drainedAfter: number
  readonly commands: number
}

/**
 * Webhooks of all senders come to a real server at a steady pace while a clerk ships what arrives and stock changes. None that was answered with
 * 2xx may be missing, whatever happens to the server, and in the end the books of all vendors are as if each had been worked on once.
 */
export async function tellLoad(database: TestDatabase, load: Load): Promise<Figures> {
  const world = await openLoadWorld(database, SKUS)
  try {
    return await underLoad(world, load)
  } finally {
    await world.close()
  }
}

async function underLoad(
  world: LoadWorld,
  { rate, seconds, cron = [], kills = [], stops = [], warmUpMs = 4 * SECOND, afterwards = 20 }: Load,
): Promise<Figures> {
  await world.runs(['inventory:full'])
  await world.runs(['orders:pull'])
  world.clock.setScale(1)
  const total = rate * (seconds + 1)
  const orders = seedOrders(world, Math.max(6, Math.min(Math.floor(total / 40), 150)))
  let server = await world.serve()
  const sender = world.startSender()
  for (let i = 0; i < total; i += 1) sender.send(planned(world, orders, i), momentOf(i, rate, warmUpMs))
  const began = performance.now()
  const isOver = () => performance.now() - began >= warmUpMs + seconds * SECOND
  const clerk = startClerk(world, sender)
  const beside = cronBeside(world, cron, isOver)
  for (const at of [...kills, ...stops].toSorted((one, other) => one - other)) {
    await passed(began + warmUpMs + at)
    await ended(server, kills.includes(at) ? 'SIGKILL' : 'SIGTERM')
    server = await world.serve()
  }
  await passed(began + warmUpMs + seconds * SECOND)
  await untilTrue(() => sender.unanswered() === 0, 'everything answered')
  world.clock.setScale(afterwards)
  // A pull may wait for a minute for its turn to hand a file to Mirakl.
  const commands = await beside
  await untilTrue(() => clerk.shipped() === 2 * orders.mirakl.length, 'every order in ShipStation, and shipped')
  clerk.stop()
  const sent = await sender.finished()
  await untilQuiet(world)
  const drainedAfter = performance.now() - began
  world.clock.setScale(1)
  await ended(server, 'SIGTERM')

  const inbox = await inboxOf(world)
  expectKept(sender.hooks, sent, inbox, kills.length + stops.length > 0)
  expect(inbox.filter(({ state }) => state !== 'done')).toEqual([])
  expect(audit(world.sandbox)).toMatchObject({ lost: [], doubled: [] })
  expect(await givenUp(world)).toEqual([])
  expect(auditStock(world.sandbox)).toMatchObject({ listed: 2 * SKUS, wrong: [], trespasses: [] })
  return figuresOf(sent, warmUpMs, drainedAfter, commands)
}

/** Each webhook was answered with 2xx, and each message stands in the inbox once: whatever was answered is there, and nothing else. */
function expectKept(hooks: readonly Hook[], sent: readonly Sent[], inbox: readonly Kept[], wasKilled: boolean): void {
  expect(sent).toHaveLength(hooks.length)
  expect(sent.filter(({ status }) => status !== 202 && status !== 200)).toEqual([])
  const messages = new Map(hooks.map((hook) => [`${hook.provider} ${hook.id}`, hook]))
  const counted = (rows: Iterable<{ readonly provider: string }>) =>
    Object.fromEntries([...Map.groupBy(rows, ({ provider }) => provider)].map(([name, own]) => [name, own.length]).sort())
  expect(counted(inbox)).toEqual(counted(messages.values()))
  for (const { provider, id } of messages.values()) {
    if (provider === 'orders')
      expect(
        inbox.some(({ key }) => key === `mirakl-macys:${id}`),
        id,
      ).toBe(true)
    if (provider === 'amazon')
      expect(
        inbox.some(({ key }) => key === `amazon-us:${id}`),
        id,
      ).toBe(true)
  }
  if (wasKilled) return
  expect(sent.filter(({ status }) => status === 202)).toHaveLength(messages.size)
  expect(inbox.reduce((sum, { times }) => sum + times, 0)).toBe(hooks.length)
}

interface Kept {
  readonly provider: string
  readonly key: string
  readonly state: string
  readonly times: number
  readonly outcome: string | null
}

async function inboxOf({ databaseUrl }: LoadWorld): Promise<readonly Kept[]> {
  const db = await openDb(databaseUrl, { readonly: true })
  try {
    return await db.rows<Kept>('select provider, delivery_key as "key", state, times, outcome from inbox')
  } finally {
    await db.close()
  }
}

async function givenUp({ databaseUrl }: LoadWorld): Promise<readonly object[]> {
  const db = await openDb(databaseUrl, { readonly: true })
  try {
    return await db.rows(
      `select channel, sku, state, held, last_error from publications where state = 'dead' or held is not null`,
    )
  } finally {
    await db.close()
  }
}

const LONGEST_MS = 4 * MINUTE

async function untilQuiet({ databaseUrl }: LoadWorld): Promise<void> {
  const db = await openDb(databaseUrl, { readonly: true })
  try {
    await untilTrue(async () => {
      const open = await db.rows(
        `select 1 as one where exists (select 1 from inbox where state in ('pending', 'running', 'waiting'))
           or exists (select 1 from tasks where state in ('pending', 'running', 'waiting'))
           or exists (select 1 from publications where state not in ('settled', 'dead', 'unlisted')
             and (state <> 'due' or held is null or held = ?))`,
        [UNJUDGED],
      )
      return open.length === 0
    }, 'nothing left to be done')
  } finally {
    await db.close()
  }
}

async function untilTrue(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const began = performance.now()
  while (!(await isTrue())) {
    if (performance.now() - began > LONGEST_MS) throw new Error(`still not: ${what}`)
    await passed(performance.now() + 100)
  }
}

function passed(at: number): Promise<void> {
  return new Promise((done) => setTimeout(done, Math.max(0, at - performance.now())))
}

async function cronBeside(world: LoadWorld, commands: readonly string[], isOver: () => boolean): Promise<number> {
  let count = 0
  while (commands.length > 0 && !isOver()) {
    const command = commands[count % commands.length] ?? ''
    const { code, signal, stdout, stderr } = await world.cron(command)
    expect(code, `${command} ended with ${code ?? signal}\n${stdout}\n${stderr}`).toBe(0)
    count += 1
  }
  return count
}

function figuresOf(sent: readonly Sent[], warmUpMs: number, drainedAfter: number, commands: number): Figures {
  const times = sent.filter(({ tries, at }) => tries === 1 && at >= warmUpMs).map(({ ms }) => ms)
  const lates = sent.map(({ late }) => late)
  return {
    sent: sent.length,
    kept: sent.filter(({ status }) => status === 202).length,
    again: sent.filter(({ tries }) => tries > 1).length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    max: quantile(times, 1),
    senderP99: quantile(lates, 0.99),
    drainedAfter: Math.round(drainedAfter),
    commands,
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Killed, or told to stop: then it answers what it has begun, and ends well within ten seconds. */
async function ended(server: Started, how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const told = performance.now()
  server.kill(how)
  const { code, stderr } = await server.ended
  expect(code, stderr.slice(-2000)).toBe(how === 'SIGTERM' ? 0 : null)
  expect(performance.now() - told).toBeLessThan(10 * SECOND)
}

interface Orders {
  readonly mirakl: readonly string[]
  readonly amazon: readonly string[]
}

/** Changed an hour ago, so that no pull's overlap brings them: only what is pushed does, or a reading of everything. */
function seedOrders({ sandbox, clock }: LoadWorld, count: number): Orders {
  const at = clock.now() - 60 * MINUTE
  const when = { created_at: at, updated_at: at }
  const mirakl = Array.from({ length: count }, (_, n) => `L${String(n).padStart(6, '0')}-A`)
  const amazon = Array.from({ length: count }, (_, n) => `113-${String(n).padStart(7, '0')}-0000001`)
  sandbox.seed('mirakl', { orders: mirakl.map((order_id) => ({ ...when, order_id, lines: [{}] })) })
  sandbox.seed('amazon', { orders: amazon.map((order_id) => ({ ...when, order_id, items: [{}] })) })
  return { mirakl, amazon }
}

/** Before the steady pace comes a second's worth of webhooks in as long as the server gets to warm up. */
function momentOf(i: number, rate: number, warmUpMs: number): number {
  return i < rate ? (i * warmUpMs) / rate : warmUpMs + ((i - rate) * SECOND) / rate
}

/** Of ten webhooks four push orders, two are Amazon's, two Zoho's, two ShipStation's; every twentieth is one that came before. */
function planned(world: LoadWorld, { mirakl, amazon }: Orders, i: number): Hook {
  const now = world.clock.now()
  const n = i % 20 === 19 ? i - 9 - (Math.floor(i / 20) % 10) : i
  const turn = Math.floor(n / 10)
  const kind = n % 10
  if (kind < 4) return orderPush(`push-${n}`, mirakl[(turn * 4 + kind) % mirakl.length] ?? '', now)
  if (kind < 6)
    return orderChange(`change-${n}`, amazon[(turn * 2 + kind) % amazon.length] ?? '', Math.floor(now / MINUTE) * MINUTE)
  if (kind < 8) return itemChange(`event-${n}`, itemIds(world)[n % SKUS] ?? '')
  return labelsMade(world.sandbox.origins.shipstation, `importBatch=${uuid(n)}&includeShipmentItems=False`)
}

const known = new WeakMap<LoadWorld, readonly string[]>()

function itemIds(world: LoadWorld): readonly string[] {
  const ids =
    known.get(world) ??
    (world.sandbox.books('zoho') as { readonly items: readonly { readonly item_id: string }[] }).items.map((one) => one.item_id)
  known.set(world, ids)
  return ids
}

function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

interface Clerk {
  /** Orders shipped so far. */
  shipped(): number
  stop(): void
}

interface ShipStationBooks {
  readonly orders: readonly { readonly order_id: number; readonly status: string; readonly deleted: boolean }[]
}

/** Every quarter of a second. */
const LABELS_AT_ONCE = 5

/** Ships whatever arrives in ShipStation, and sells what lies in Zoho, with a webhook for each. */
function startClerk(world: LoadWorld, sender: Sender): Clerk {
  const { sandbox } = world
  const shipped = new Set<number>()
  const levels = Array.from({ length: SKUS }, () => 40)
  let round = 0

  function ship(): void {
    const { orders } = sandbox.books('shipstation') as ShipStationBooks
    let now = 0
    for (const { order_id, status, deleted } of orders) {
      if (status !== 'awaiting_shipment' || deleted || shipped.has(order_id)) continue
      if (++now > LABELS_AT_ONCE) break
      shipped.add(order_id)
      const labels = { orders: [{ order_id, packages: [{ tracking: `9400-${order_id}` }] }] }
      const { batch_id: batch } = sandbox.act('shipstation', 'ship-batch', labels) as { readonly batch_id: number }
      sender.send(labelsMade(sandbox.origins.shipstation, `batchId=${batch}&includeShipmentItems=False`))
    }
  }

  function sell(): void {
    const sku = round % SKUS
    const level = (levels[sku] ?? 0) - 1
    if (level < 3) return
    round += 1
    levels[sku] = level
    world.setStock({ [skuNo(sku + 1)]: level })
    sender.send(itemChange(`sold-${round}`, itemIds(world)[sku] ?? ''))
  }

  const timer = setInterval(() => {
    ship()
    sell()
  }, 250)
  return { shipped: () => shipped.size, stop: () => clearInterval(timer) }
}
