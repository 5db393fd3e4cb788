import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { Db } from '../../src/core/db/db.ts'
import { openDb } from '../../src/core/db/open.ts'
import { sealedColumns } from '../../src/core/db/sealed.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import { storePage } from '../../src/core/orders/store-order.ts'
import { createVault, type Vault } from '../../src/core/privacy/vault.ts'
import { type Clock, createClock } from '../../src/sandbox/clock.ts'
import { type Ended, isync } from '../commands/program.ts'
import { DAY, MINUTE } from '../world/a-clock.ts'
import { amazonUs, aRunOn } from '../world/a-run.ts'
import { anAddress, anOrder } from '../world/an-order.ts'
import type { TestDatabase } from '../world/databases.ts'
import { stolen } from '../world/dump.ts'

/** A database with orders in it and the built program beside it. No vendor: neither command asks one. */
export interface House {
  readonly url: string
  readonly clock: Clock
  /** Starts the program; with a boundary it dies there (SIGKILL). What it left behind may be taken over afterwards. */
  isync(command: string, boundary?: number | string): Promise<Ended>
  /** Changes the list of keys: `k2`, `k1`. */
  useKeys(...ids: readonly string[]): void
  vault(...ids: readonly string[]): Vault
  /** Stores orders of Amazon, encrypted with these keys. */
  store(orders: readonly NormalizedOrder[], vault: Vault): Promise<void>
  /** Asks the database something. The connection is closed again: nothing of this process keeps the files busy. */
  ask<T>(question: (db: Db) => Promise<T>): Promise<T>
}

export async function openHouse(database: TestDatabase): Promise<House> {
  const folder = mkdtempSync(join(inject('runDir'), 'retention-'))
  const url = await database.migrated()
  const clockFile = join(folder, 'clock.json')
  const clock = createClock({ file: clockFile, scale: 0 })
  const keys = new Map(['k1', 'k2'].map((id) => [id, `${id}:${randomBytes(32).toString('base64')}`]))
  const listOf = (ids: readonly string[]) => ids.map((id) => keys.get(id) ?? '').join(',')
  function useKeys(...ids: readonly string[]): void {
    writeFileSync(join(folder, '.env'), `KEYS=${listOf(ids)}\nSECRET=sandbox-secret\n`, { mode: 0o600 })
  }
  writeFileSync(join(folder, 'isync.config.yaml'), configOf(url))
  useKeys('k1')
  async function ask<T>(question: (db: Db) => Promise<T>): Promise<T> {
    const db = await openDb(url)
    try {
      return await question(db)
    } finally {
      await db.close()
    }
  }
  let runs = 0
  return {
    url,
    clock,
    useKeys,
    ask,
    vault: (...ids) => createVault(listOf(ids)),
    async isync(command, boundary) {
      const fault = boundary === undefined ? {} : { ISYNC_FAULT: String(boundary) }
      const ended = await isync(folder, [command, '--json'], { NODE_ENV: 'test', ISYNC_CLOCK_FILE: clockFile, ...fault })
      // What a dead process held is free by then.
      clock.advance(3 * MINUTE)
      return ended
    },
    store: (orders, vault) =>
      ask(async (db) => {
        const run = { ...aRunOn(db, { name: `store-${++runs}` }), vault, clock: { ...aRunOn(db).clock, now: () => clock.now() } }
        await db.transaction((tx) => storePage(tx, run, amazonUs, { orders, poison: [], skipped: 0 }))
      }),
  }
}

function configOf(url: string): string {
  const place = "endpoint: 'http://127.0.0.1:9'"
  return `database: ${url}
encryption_keys: \${KEYS}
log_level: warn
channels:
  amazon-us: { type: amazon, region: na, marketplace_ids: [ATVPDKIKX0DER], seller_id: A1, shipstation_store_id: 1, ${place}, auth_endpoint: 'http://127.0.0.1:9',
    credentials: { client_id: '\${SECRET}', client_secret: '\${SECRET}', refresh_token: '\${SECRET}' } }
shipstation: { api_key: '\${SECRET}', api_secret: '\${SECRET}', ${place} }
`
}

/** Orders last changed so many days ago, each of a buyer of its own. */
export function someOrders(
  house: House,
  prefix: string,
  count: number,
  daysAgo: number,
  change: Partial<NormalizedOrder> = {},
): NormalizedOrder[] {
  const updatedAt = house.clock.now() - daysAgo * DAY
  return Array.from({ length: count }, (_, n) => {
    const id = `${prefix}-${String(n).padStart(4, '0')}`
    return anOrder(id, {
      createdAt: updatedAt,
      updatedAt,
      buyer: { name: `Buyer of ${id}`, email: `${id}@example.org` },
      shipTo: { ...anAddress, name: `Buyer of ${id}` },
      notes: `leave it with the neighbour of ${id}`,
      raw: { id, pad: randomBytes(300).toString('hex') },
      ...change,
    })
  })
}

/** Everything encrypted, by its place: `orders.buyer of amazon-us/A-0001`. */
export async function sealedValues(db: Db): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>()
  for (const { table, column, place, onlyIf = '1 = 1' } of sealedColumns) {
    const names = place.map((key) => key.column)
    const rows = await db.rows<Record<string, string | number>>(
      `select ${names.join(', ')}, ${column} as sealed_value from ${table} where ${column} is not null and ${onlyIf}`,
    )
    for (const row of rows)
      values.set(`${table}.${column} of ${names.map((name) => row[name]).join('/')}`, String(row['sealed_value']))
  }
  return values
}

/** Places whose value these keys do not open. */
export async function unreadable(db: Db, vault: Vault): Promise<string[]> {
  const bad: string[] = []
  for (const [place, value] of await sealedValues(db)) {
    const [where = '', row = ''] = place.split(' of ')
    const [table = '', column = ''] = where.split('.')
    try {
      vault.open(table, column, row, value)
    } catch {
      bad.push(place)
    }
  }
  return bad
}

/** Characters of a value that are looked for: long enough to be nobody else's. */
const PIECE = 16

/** How many pieces of these values are still in the database's files (SQLite) or tables (PostgreSQL), at whatever place. */
export async function traces(url: string, values: Iterable<string>): Promise<number> {
  const pieces = new Set<string>()
  for (const value of values) {
    const body = value.slice(value.lastIndexOf(':') + 1)
    for (let at = 0; at + PIECE <= body.length; at += PIECE / 2) pieces.add(body.slice(at, at + PIECE))
  }
  let found = 0
  for (const [run] of (await stolen(url)).matchAll(/[\w-]{16,}/g))
    for (let at = 0; at + PIECE <= run.length; at += 1) if (pieces.has(run.slice(at, at + PIECE))) found += 1
  return found
}
