import { listed, spent, sum, withoutTokens } from './spent.mjs'
import { changeStock, seedStock } from './stock.mjs'
import { startWorld } from './world.mjs'

const SKUS = 10_000
const CHANGED = 100
const CHANNELS = ['amazon', 'amazon-ca', 'mirakl', 'mirakl-kohls']
const HOUR_MS = 3_600_000
/** Items on a page of Zoho's list. */
const PAGE = 200

/** `inventory:full` of 10,000 SKUs on two Amazon and two Mirakl channels. Token exchanges are left out. */
export async function callsOfStock() {
  const world = await startWorld({ channels: CHANNELS, stock: true })
  try {
    await seedStock(world, SKUS, CHANNELS)
    await world.clock({ scale: 0 })
    const first = await full(world)
    await changeStock(world, SKUS, CHANGED, 60)
    const changed = await full(world)
    const idle = await full(world)
    const row = (what, measured, baseline, extra, most) => ({
      what: `stock: ${what}`,
      measured,
      baseline,
      unit: 'calls',
      most,
      extra,
    })
    // A search looks at 20 SKUs; a feed is a document, its upload and its order; its state, its report and the report's text follow.
    const firstOnAmazon = 2 * (1 + SKUS / 20 + 6)
    // So few are quicker one by one than a feed is; each is a call. Orders are pulled first.
    const changedOnAmazon = 2 * (1 + CHANGED)
    // The orders, a file, and what became of it.
    const onMirakl = 2 * (1 + 1 + 1)
    const all = ({ zoho, amazon, mirakl }) => zoho + amazon + mirakl
    return [
      row(`first ${SKUS} SKUs on four channels, all calls`, all(first), SKUS / PAGE + firstOnAmazon + onMirakl, '', 1.05),
      row(
        `${CHANGED} of ${SKUS} changed on four channels, all calls`,
        all(changed),
        SKUS / PAGE + changedOnAmazon + onMirakl,
        '',
        1.05,
      ),
      row(`... two Amazon sellers`, changed.amazon, changedOnAmazon, changed.amazonDetail),
      row(`... two Mirakl shops`, changed.mirakl, onMirakl, changed.miraklDetail),
      // Nothing against nothing is a ratio of one.
      row('nothing changed: writes', 1 + idle.writes, 1, 'none; both plus one', 1),
      row(
        'nothing changed: all calls',
        all(idle),
        SKUS / PAGE + CHANNELS.length,
        'the items, and the orders of each channel',
        1.05,
      ),
    ]
  } finally {
    await world.close()
  }
}

async function full(world) {
  const calls = await spent(world, 20_000, 'inventory:full')
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
