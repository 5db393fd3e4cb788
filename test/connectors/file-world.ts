import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileConnector } from '../../src/connectors/file/connector.ts'
import type { FileSettings } from '../../src/connectors/file/settings.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { MarketplaceConnector, OrderPage } from '../../src/core/ports/marketplace.ts'
import { type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'

export const signal = new AbortController().signal
export const START = Date.parse('2026-11-22T09:00:00.000Z')
export const LONG_AGO = { at: START - 30 * 86_400_000 }

/** A partner's folder on this machine, and time that moves when somebody sleeps. */
export interface FileWorld {
  readonly root: string
  readonly clock: { now(): number; advance(ms: number): void }
  /** Runs whenever a connector sleeps, once. */
  whileAsleep(work: () => void): void
  /** Puts a file into the inbox, last changed a minute after the one before it. */
  drop(name: string, content: string | Buffer): void
  names(folder: string): readonly string[]
  text(path: string): string
  write(path: string, content: string): void
  remove(path: string): void
  connect(
    settings?: Partial<FileSettings>,
    options?: Pick<TestGateOptions, 'dryRun' | 'timeoutMs'>,
  ): TestGate & { readonly connector: MarketplaceConnector }
  close(): void
}

export function openFileWorld(): FileWorld {
  const root = mkdtempSync(join(tmpdir(), 'isync-file-world-'))
  for (const folder of ['in', 'out', 'archive']) mkdirSync(join(root, folder))
  let now = START
  let dropped = 0
  let asleep: (() => void) | undefined
  const clock = {
    now: () => now,
    async sleep(ms: number) {
      const work = asleep
      asleep = undefined
      work?.()
      now += ms
    },
  }
  return {
    root,
    clock: {
      now: clock.now,
      advance(ms) {
        now += ms
      },
    },
    whileAsleep(work) {
      asleep = work
    },
    drop(name, content) {
      dropped += 1
      const path = join(root, 'in', name)
      writeFileSync(path, content)
      const at = START / 1000 - 3600 + dropped * 60
      utimesSync(path, at, at)
    },
    names: (folder) =>
      existsSync(join(root, folder)) ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort() : [],
    text: (path) => readFileSync(join(root, path), 'utf8'),
    write: (path, content) => writeFileSync(join(root, path), content),
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    connect(settings = {}, options = {}) {
      const gate = testGate('shop', { clock, ...options })
      return { ...gate, connector: createFileConnector(gate.gate, { ...settingsOf(root), ...settings }) }
    },
    close: () => rmSync(root, { recursive: true }),
  }
}

function settingsOf(root: string): FileSettings {
  return {
    channel: 'shop',
    place: { kind: 'local', path: root },
    folders: { in: 'in', out: 'out', archive: 'archive' },
    delimiter: ',',
    decimal: '.',
    encoding: 'utf-8',
    currency: 'USD',
    columns: {},
    stock: 'changed',
    spreadsheetGuard: true,
    quietMs: 5000,
    carriers: {},
    timeoutMs: 5000,
  }
}

export const HEADER = 'order_id,status,ship_name,ship_address1,ship_city,ship_postal,ship_country,line_id,sku,quantity,price'

/** An open order of one line. */
export function row(
  orderId: string,
  over: { line?: string; sku?: string; quantity?: string; status?: string; city?: string } = {},
): string {
  const { line = '1', sku = 'MUG', quantity = '2', status = 'open', city = 'Köln' } = over
  return `${orderId},${status},Jürgen Groß,"Gasse 1, Hof",${city},50667,DE,${line},${sku},${quantity},12.50`
}

export function table(...rows: readonly string[]): string {
  return `${[HEADER, ...rows].join('\n')}\n`
}

export async function pagesOf(connector: MarketplaceConnector, since = LONG_AGO): Promise<readonly OrderPage[]> {
  const pages: OrderPage[] = []
  for await (const page of connector.listOrders(since, signal)) pages.push(page)
  return pages
}

export function parcel(orderId: string, over: Partial<Confirmation> = {}): Confirmation {
  return {
    channel: 'shop',
    externalOrderId: orderId,
    reference: 1,
    trackingNumber: `1Z-${orderId}`,
    carrier: { code: 'ups_walleted', name: 'UPS', family: 'ups' },
    service: 'ups_ground',
    shippedAt: START,
    lines: [{ externalLineId: '1', quantity: 2 }],
    wholeOrder: true,
    ...over,
  }
}
