import { shared, TOLERATED } from './minimum.ts'
import { listed, spent, sum, withoutTokens } from './spent.mjs'
import { changeStock, seedStock } from './stock.mjs'
import { startWorld } from './world.mjs'

const SKUS = 10_000
const CHANGED = 100
const CHANNELS = ['amazon', 'amazon-ca', 'mirakl', 'mirakl-kohls']
const HOUR_MS = 3_600_000

/** `inventory:full` and `inventory:delta` of 10,000 SKUs on two Amazon and two Mirakl channels. Token exchanges are left out. */
export async function callsOfStock() {
  const world = await startWorld({ channels: CHANNELS, stock: true })
  try {
    await seedStock(world, SKUS, CHANNELS)
    // An import is done by the time that somebody asks; how long a marketplace works on it is its own affair.
    await world.seed('mirakl', { settings: { stock_imports: { waiting_ms: 0, running_ms: 0 } } })
    await world.clock({ scale: 0 })
    const first = await full(world)
    await changeStock(world, SKUS, CHANGED, 60)
    const changed = await full(world)
    const idle = await full(world)
    await changeStock(world, SKUS, CHANGED, 70)
    const delta = await full(world, 'inventory:delta')
    const idleDelta = await full(world, 'inventory:delta')
    const row = (what, measured, baseline, extra) => ({
      ...{ what: `stock: ${what}`, measured, baseline, unit: 'calls', most: TOLERATED, least: 1 },
      extra: [extra].flat().join('; '),
    })
    const items = (count) => [shared.items(count).least, shared.items(count).source]
    // A search looks at 20 SKUs; a feed is a document, its upload and its order; its state, its report and the report's text follow.
    const firstOnAmazon = 2 * (1 + SKUS / 20 + 6)
    // So few are quicker one by one than a feed is; each is a call. Orders are pulled first.
    const changedOnAmazon = 2 * (1 + CHANGED)
    // The orders, a file, and what became of it.
    const onMirakl = 2 * (1 + 1 + 1)
    const all = ({ zoho, amazon, mirakl }) => zoho + amazon + mirakl
    const list = shared.items(SKUS).least
    return [
      row(`Zoho, all ${SKUS} items`, first.zoho, ...items(SKUS)),
      row(`Zoho, what changed of them: ${CHANGED}`, delta.zoho, ...items(CHANGED)),
      row('Zoho, what changed: nothing', idleDelta.zoho, ...items(0)),
      row(
        `first ${SKUS} SKUs on four channels, all calls`,
        all(first),
        list + firstOnAmazon + onMirakl,
        'Zoho 7, Amazon 7 (guard by search, a feed of 6), Mirakl 11, and the orders of each channel',
      ),
      row(
        `${CHANGED} of ${SKUS} changed on four channels, all calls`,
        all(changed),
        list + changedOnAmazon + onMirakl,
        'Zoho 7, Amazon 7 (a patch each), Mirakl 11, and the orders of each channel',
      ),
      row(`... two Amazon sellers`, changed.amazon, changedOnAmazon, changed.amazonDetail),
      row(`... two Mirakl shops`, changed.mirakl, onMirakl, changed.miraklDetail),
      row(
        `... the same by inventory:delta, Amazon and Mirakl`,
        delta.amazon + delta.mirakl,
        changedOnAmazon + onMirakl,
        'as above',
      ),
      // Nothing against nothing is a ratio of one.
      row('nothing changed: writes', 1 + idle.writes, 1, 'none; both plus one'),
      row('nothing changed: all calls', all(idle), list + CHANNELS.length, 'the items, and the orders of each channel'),
    ]
  } finally {
    await world.close()
  }
}

async function full(world, command = 'inventory:full') {
  const calls = await spent(world, 20_000, command)
  await world.clock({ advance_ms: HOUR_MS })
  const told = ({ amazon, mirakl, zoho }) => ({
    amazon: withoutTokens(amazon),
    mirakl: withoutTokens(mirakl),
    zoho: withoutTokens(zoho),
  })
  const own = told(calls)
  const writes = [own.amazon, own.mirakl].flatMap(Object.entries).filter(([shape]) => !shape.startsWith('GET '))
  return {
    amazon: sum(own.amazon),
    mirakl: sum(own.mirakl),
    zoho: sum(own.zoho),
    amazonDetail: listed(own.amazon),
    miraklDetail: listed(own.mirakl),
    writes: sum(Object.fromEntries(writes)),
  }
}
