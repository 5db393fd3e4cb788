import { miraklOffers } from '../../src/sandbox/scenario/mirakl-offers.ts'
import type { SandboxRequest } from '../../src/sandbox/stand-in.ts'
import type { Exchange } from './check.ts'
import { type HeardWorld, openHeardWorld, patient } from './heard-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SCALE = 40
/** More than one page of Zoho's list. */
const COUNT = 205
/** Addresses of documents live for five minutes. */
const LATE = 6 * MINUTE

interface Story extends HeardWorld {
  /** So many SKUs have less stock from now on, and the channels are told. */
  sell(count: number): Promise<void>
}

/** Zoho, Amazon and Mirakl refuse, throttle, lose and lock out what stock needs: their own words for it are on the wire. */
export async function playABadStockDay(): Promise<readonly Exchange[]> {
  const world = await openHeardWorld({ scale: SCALE, config: { ...patient, inventory: 'feed_above: 6\nreport_wait: 10m' } })
  try {
    seed(world)
    const story = told(world)
    await zohoIsBusy(story)
    await amazonIsBusy(story)
    await addressesDie(story)
    await importsGoWrong(story)
    await answersAreLost(story)
    await theLocks(story)
    return world.heard()
  } finally {
    await world.close()
  }
}

function seed({ sandbox }: HeardWorld): void {
  const gone = { sku: 'GONE,1', stock: 5 }
  sandbox.seed('zoho', { generate: { count: COUNT, stock: 60 }, items: [gone] })
  sandbox.seed('amazon', { listings: [{ sku: 'SKU-{n:6}', count: COUNT, quantity: 99 }] })
  sandbox.seed('mirakl', { offers: [...miraklOffers(), { sku: 'SKU-{n:6}', count: COUNT, quantity: 99 }] })
}

function told(world: HeardWorld): Story {
  const { sandbox, clock, good } = world
  let stock = 60
  return {
    ...world,
    async sell(count) {
      stock -= 1
      for (let n = 1; n <= count; n += 1) {
        sandbox.act('zoho', 'set-stock', { sku: `SKU-${String(n).padStart(6, '0')}`, stock, touch: true })
      }
      clock.advance(2 * MINUTE)
      await good('inventory:delta')
    },
  }
}

/** Another tool uses up the organization's minute; an access token dies early. */
async function zohoIsBusy({ sandbox, clock, good }: Story): Promise<void> {
  sandbox.seed('zoho', { settings: { calls_per_minute: 1 } })
  await good('inventory:full')
  sandbox.seed('zoho', { settings: { calls_per_minute: 0 } })
  clock.advance(HOUR / 2)
  sandbox.act('zoho', 'expire-tokens')
}

async function amazonIsBusy({ sandbox, clock, good, sell }: Story): Promise<void> {
  // Far fewer than the program would spend, however busy this machine is; one is free again after 50 or 100 s.
  const rare = { rate: 0.02, burst: 1 }
  sandbox.seed('amazon', {
    rate_limits: { patchListingsItem: rare, searchListingsItems: rare, getFeed: { rate: 0.01, burst: 1 } },
    listings: [{ sku: 'LATER-{n:6}', count: 45, quantity: 9 }],
  })
  sandbox.seed('zoho', { generate: { prefix: 'LATER-', count: 45, stock: 4 } })
  await sell(4)
  sandbox.act('amazon', 'expire-tokens')
  await sell(12)
  await good('inventory:full')
  sandbox.seed('amazon', { rate_limits: 'off', feeds: { max_messages: 1 } })
  // Amazon takes none of it: the report says why.
  await sell(8)
  sandbox.seed('amazon', { feeds: { max_messages: 25_000 } })
  clock.advance(HOUR)
}

/** What is sent to the addresses of documents comes late: they are dead by then. */
async function addressesDie({ sandbox, clock, sell }: Story): Promise<void> {
  const standIn = sandbox.standIn('amazon')
  const handle = standIn.handle.bind(standIn)
  let late: string | undefined
  standIn.handle = (request: SandboxRequest) => {
    if (request.method === late && request.path.startsWith('/feed-documents/')) {
      late = undefined
      clock.advance(LATE)
    }
    return handle(request)
  }
  for (const method of ['PUT', 'GET']) {
    late = method
    await sell(9)
    clock.advance(HOUR)
  }
  standIn.handle = handle
}

/** Imports that fail, are lost, and whose reports name no columns; another tool uses up what Mirakl allows. */
async function importsGoWrong({ sandbox, clock, sell }: Story): Promise<void> {
  for (const fate of ['fail-import', 'lose-import']) {
    sandbox.act('mirakl', fate, { next: true })
    await sell(2)
    clock.advance(HOUR)
  }
  sandbox.seed('mirakl', { settings: { stock_imports: { columns: 'bare', counts: false } } })
  sandbox.act('mirakl', 'fail-sku', { sku: 'SKU-000001' })
  await sell(2)
  sandbox.act('mirakl', 'fail-sku', { sku: 'SKU-000001', off: true })
  sandbox.seed('mirakl', { settings: { rate_limits: { per_second: 0.000_001, burst: 1, every_ms: {} } } })
  const headers = { authorization: 'sandbox-key' }
  const ask = { method: 'GET', path: '/api/account', query: new URLSearchParams(), headers, body: Buffer.alloc(0) }
  sandbox.standIn('mirakl').handle(ask)
  await sell(2)
  sandbox.seed('mirakl', { settings: { rate_limits: false } })
  clock.advance(HOUR)
}

async function answersAreLost({ sandbox, clock, sell }: Story): Promise<void> {
  sandbox.addFault({ vendor: 'amazon', kind: 'cut-after', match: { path: '/feeds/2021-06-30/feeds$' } })
  sandbox.addFault({ vendor: 'amazon', kind: 'truncate', match: { path: '^/feed-documents/', method: 'GET' } })
  sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { path: '/stock/imports$' } })
  await sell(11)
  clock.advance(HOUR)
  await sell(11)
}

async function theLocks({ sandbox, clock, isync, sell }: Story): Promise<void> {
  sandbox.seed('zoho', { settings: { calls_per_day: 1 } })
  await isync(['inventory:delta'])
  sandbox.seed('zoho', { settings: { calls_per_day: 0 } })
  clock.advance(24 * HOUR)
  sandbox.act('mirakl', 'revoke-key', { api_key: 'sandbox-key' })
  await sell(3)
  sandbox.act('zoho', 'revoke')
  sandbox.act('zoho', 'expire-tokens')
  await isync(['inventory:full'])
}
