import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { createFileConnector } from '../../../src/connectors/file/connector.ts'
import { startSftpServer, type Trap } from '../file-server.ts'
import type { BookedPackage, Channel, ChannelBench, PlacedOrder, Spoil } from './bench.ts'
import { openProcesses } from './processes.ts'
import type { Sentence } from './sentences.ts'

/** A login by SSH is half a dozen round trips and a key exchange: it gets more time than a request by HTTP. */
const LOGIN_FACTOR = 4
const START = Date.parse('2026-11-21T15:00:00.000Z')

const silence = 'a folder gives no answer: whether the partner knows the SKU he does not say'

const cannot: Partial<Record<Sentence, string>> = {
  'orders: awaiting acceptance': 'a file asks no seller for a yes',
  'open: omitted': 'a folder has one list of its files, and what is not in it is not there',
  'orders: skipped': 'who puts an order into the folder wants it shipped by the seller',
  'acknowledge: outcomes': 'a file asks no seller for a yes',
  'acknowledge: repeat': 'a file asks no seller for a yes',
  'quantity: unlisted': silence,
  'quantity: refused': silence,
  'quantity: not ours': silence,
  'quantity: left alone': silence,
  'quantity: report': silence,
  'quantity: report lost': silence,
  'listings: order': silence,
}

/** A partner with a folder behind SFTP, who takes away what he has read. */
export const fileBench: ChannelBench = { name: 'Files by SFTP', cannot, open: openFile }

type Rows = Record<string, string>[]

async function openFile(): Promise<Channel> {
  const root = mkdtempSync(join(tmpdir(), 'isync-files-'))
  const server = await startSftpServer({ root, user: 'seller', password: 'sandbox-password' })
  let now = START
  const clock = {
    now: () => now,
    set(at: number) {
      now = at
    },
    advance(ms: number) {
      takeAll()
      now += ms
    },
  }
  const code = 'file-test'
  const { start, forget, notes, rows, close } = await openProcesses({ code, clock })
  const placed = new Map<string, Rows>()
  const packages: { orderId: string; tracking: string; units: Record<string, number> }[] = []
  const listings = new Map<string, { sku: string; quantity: number; price: string }>()
  let files = 0
  let orders = 0

  /** The partner reads what lies there, in the order of the names, and takes it away. */
  function takeAll(): void {
    const out = join(root, 'out')
    for (const name of readdirSync(out).sort()) {
      if (name.startsWith('.')) continue
      const found: Rows = parse(readFileSync(join(out, name)), { columns: true })
      if (name.startsWith('tracking-')) book(found)
      else for (const row of found) sell(row)
      rmSync(join(out, name))
    }
  }

  function book(found: Rows): void {
    const those = new Map<string, (typeof packages)[number]>()
    for (const { order_id = '', tracking_number = '', line_id = '', quantity } of found) {
      const key = `${order_id}\n${tracking_number}`
      const one = those.get(key) ?? { orderId: order_id, tracking: tracking_number, units: {} }
      one.units[line_id] = (one.units[line_id] ?? 0) + Number(quantity)
      those.set(key, one)
    }
    packages.push(...those.values())
  }

  function sell({ sku = '', quantity }: Rows[number]): void {
    const listing = listings.get(sku)
    if (listing !== undefined) listing.quantity = Number(quantity)
  }

  function put(table: Rows, at = now): void {
    files += 1
    const columns = [...new Set(table.flatMap((row) => Object.keys(row)))]
    const path = join(root, 'in', `orders-${String(files).padStart(6, '0')}.csv`)
    writeFileSync(path, stringify(table, { header: true, columns, bom: true, record_delimiter: '\r\n' }))
    utimesSync(path, at / 1000, at / 1000)
  }

  function rowsOf(order: PlacedOrder): Rows {
    orders += 1
    const { person } = order
    return order.lines.map(({ id, sku, title, quantity, price, tax }) => ({
      order_id: `PO-${orders}`,
      status: order.state === 'unreadable' ? 'open' : order.state,
      ordered_at: new Date(order.at).toISOString(),
      email: person.email,
      phone: person.phone,
      ship_name: `${person.first} ${person.last}`,
      ship_address1: person.street,
      ship_city: person.city,
      ship_postal: person.postal,
      ship_country: 'US',
      currency: order.state === 'unreadable' ? 'NOPE' : (order.currency ?? 'USD'),
      tax_included: order.tax === 'included' ? 'yes' : 'no',
      line_id: id ?? '',
      ...{ sku, name: title, quantity: String(quantity), price, tax },
    }))
  }

  function change(id: string, cells: Rows[number]): void {
    const changed = (placed.get(id) ?? []).map((row) => ({ ...row, ...cells }))
    placed.set(id, changed)
    put(changed)
  }

  function empty(): void {
    for (const folder of ['in', 'out', 'archive']) {
      rmSync(join(root, folder), { recursive: true, force: true })
      mkdirSync(join(root, folder))
    }
  }
  empty()

  return {
    code,
    clock,
    pageSize: 100,
    givesTokens: false,
    // Each look into a folder is a handful of requests.
    healthCalls: 30,
    unknownId: 'PO-999999',
    connect(options) {
      const { gate, timeoutMs, logged, planned } = start(options)
      const connector = createFileConnector(gate, {
        channel: code,
        place: {
          kind: 'sftp',
          ...{ host: '127.0.0.1', port: server.port, user: 'seller', path: '/', hostKey: server.hostKey },
          password: 'sandbox-password',
        },
        folders: { in: 'in', out: 'out', archive: 'archive' },
        ...{ delimiter: ',', decimal: '.', encoding: 'utf-8', currency: 'USD', columns: {}, stock: 'changed' },
        ...{ spreadsheetGuard: true, quietMs: 5000, carriers: {}, timeoutMs: LOGIN_FACTOR * timeoutMs },
      })
      return { connector, logged, planned }
    },
    async reset() {
      server.reset()
      empty()
      placed.clear()
      packages.length = 0
      listings.clear()
      await forget()
    },
    forget,
    notes,
    rows,
    async close() {
      await server.close()
      await close()
      rmSync(root, { recursive: true })
    },
    calls: server.requests,
    place(wanted) {
      const made = wanted.map(rowsOf)
      // The partner wrote the file when he had its last order.
      put(made.flat(), Math.max(...wanted.map(({ at }) => at)))
      return made.map((table) => {
        const id = table[0]?.['order_id'] ?? ''
        placed.set(id, table)
        return id
      })
    },
    cancel: (id) => change(id, { status: 'cancelled' }),
    changeStreet: (id, street) => change(id, { ship_address1: street }),
    packagesOf(id): readonly BookedPackage[] {
      takeAll()
      return packages.filter(({ orderId }) => orderId === id)
    },
    list(items) {
      takeAll()
      for (const { sku, quantity } of items) listings.set(sku, { sku, quantity, price: '12.50' })
    },
    quantityOf(sku) {
      takeAll()
      return listings.get(sku)?.quantity
    },
    restOf: (sku) => JSON.stringify({ ...listings.get(sku), quantity: null }),
    spoil: (spoil) => server.set(trapOf(spoil)),
    heal: () => server.set(undefined),
  }
}

/** The suite's faults as a server of files has them. */
function trapOf({ kind, on = 'work', times = 1_000, status = 500 }: Spoil): Trap | undefined {
  if (on === 'token') return undefined
  const at = { times, onNaming: on === 'write' }
  switch (kind) {
    case 'status':
      return { trouble: status === 401 ? 'refuse' : status === 403 ? 'deny' : 'fail', ...at }
    case 'throttle':
      return { trouble: 'busy', ...at }
    case 'html':
      return { trouble: 'strange', ...at }
    // A server that says that a move failed is looked at, so that nothing is left unknown; file-sftp.test.ts has that.
    case 'status-after':
    case 'html-after':
    case 'cut-after':
      return { trouble: 'cut-after', ...at }
    case 'truncate':
      return { trouble: on === 'write' ? 'cut-after' : 'cut', ...at }
    case 'timeout':
      return { trouble: on === 'write' ? 'hold' : 'silent', ...at }
    case 'timeout-after':
      return { trouble: 'hold-after', ...at }
    case 'slow':
      return { trouble: 'crumbs', ...at }
    default:
      return { trouble: 'cut', ...at }
  }
}
