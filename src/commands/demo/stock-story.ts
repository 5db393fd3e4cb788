import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { amazonListingCast } from '../../sandbox/scenario/amazon-listings.ts'
import { miraklOfferCast } from '../../sandbox/scenario/mirakl-offers.ts'
import { zohoCast, zohoItems } from '../../sandbox/scenario/zoho-items.ts'
import { enterOrders, orderedUnits } from './bookkeeping.ts'
import { demoChannels } from './channels/all.ts'
import { amazonChannel } from './channels/amazon.ts'
import { type Shelf, sum } from './channels/channel.ts'
import type { Narrator } from './narrator.ts'
import type { Stage } from './stage.ts'
import { offerOf, readStockBooks, type StockBooks, writtenByUs } from './stock-books.ts'
import { type BrakeTold, brokenZoho } from './stock-brakes.ts'
import { leftOf, ruleOf } from './stock-reckoning.ts'

const MINUTE_MS = 60_000
/** Articles that nobody orders in this story: with them the assortment is large enough for every brake. */
const shelf: Shelf = { prefix: 'SHELF-', count: 40, title: 'Something from the shelf', quantity: 9 }
/** What buyers take of the contested article before anybody pulls, by channel in turn. */
const taken = [5, 3, 4, 6, 2] as const

/** What a raise would have done, did not do, and did in the end, per channel. */
export interface RaiseTold {
  readonly sku: string
  /** Units that were left for all channels when it was to be raised. */
  readonly left: number
  readonly channels: readonly {
    readonly channel: string
    readonly shown: number
    /** What the same run would have told it with the guard off. */
    readonly without_guard: number
    /** What it was told before its orders were pulled; null: nothing. */
    readonly told_before_pull: number | null
    readonly told_after_pull: number | null
  }[]
  /** A buyer who came in between, what he wanted and what he found. */
  readonly turned_away: { readonly wanted: number; readonly found: number }
  readonly ok: boolean
}

export interface StockTold {
  readonly raise: RaiseTold
  readonly brake: BrakeTold
  /** Epoch ms: when all orders so far were entered in Zoho. */
  readonly bookedAt: number
}

/** Listings, offers and stock; the quantities on the channels are those that somebody typed in last week. */
export function seedStock({ sandbox }: Stage): void {
  // A SKU with a slash cannot stand in Mirakl's stock file; the story has enough without it.
  const items = zohoItems().filter(({ sku }) => sku !== miraklOfferCast.unspeakable)
  // Zoho keeps stock of what Amazon ships, too; Amazon may never be told of it.
  const atAmazon = { sku: amazonListingCast.shippedByAmazon, name: 'Stoneware mug, blue, 12 oz (Prime)', stock: 40 }
  sandbox.seed('zoho', {
    items: [...items, atAmazon],
    generate: { count: shelf.count, prefix: shelf.prefix, stock: [6, 11, 25] },
  })
  for (const channel of demoChannels) channel.seedStock(sandbox, shelf)
}

/** Stock of one working hour: the first run, the last units, a raise that would have oversold, and answers that must not be believed. */
export async function tellStock(stage: Stage, tell: Narrator): Promise<StockTold> {
  const { sandbox } = stage
  const entered = orderedUnits(sandbox)
  tell.say('STOCK. Zoho knows how much there is; on the channels stands what somebody typed in last week. The first full run:')
  tell.note(inWords(readStockBooks(sandbox)))
  await tell.fast(() => tell.isync('inventory:full'))
  tell.later(MINUTE_MS)
  tell.note(inWords(readStockBooks(sandbox)))

  await lastUnits(stage, tell)
  const raise = await earlyRaise(stage, tell)

  tell.later(10 * MINUTE_MS)
  const bookedAt = stage.clock.now()
  enterOrders(sandbox, entered)
  const brake = await brokenZoho(stage, tell)
  return { raise, brake, bookedAt }
}

/** The last buyers of the day, of goods that are plenty; everything is recomputed once more. */
export async function lastBuyers({ sandbox }: Stage, tell: Narrator): Promise<void> {
  for (const [i, channel] of demoChannels.entries()) channel.buy(sandbox, i % 2 === 0 ? 'MUG-BLU-12' : 'SOAP-3PK', 1 + (i % 3))
  tell.later(4 * MINUTE_MS)
  tell.say('One more buyer on each channel, and the hour has come in which everything is recomputed from the stock known here.')
  await tell.fast(() => tell.isync('inventory:rebalance --all'))
  tell.later(MINUTE_MS)
}

async function lastUnits({ sandbox }: Stage, tell: Narrator): Promise<void> {
  const sku = zohoCast.scarce
  const others = demoChannels.filter((channel) => channel !== amazonChannel)
  const shownBy = (books: StockBooks) => others.map(({ code, name }) => `${name} ${offerOf(books, code, sku).shown}`).join(', ')
  const quantity = offerOf(readStockBooks(sandbox), amazonChannel.code, sku).shown
  amazonChannel.buy(sandbox, sku, quantity)
  tell.later(4 * MINUTE_MS)
  tell.say(`THE LAST ONES. A buyer on Amazon takes ${quantity} of ${sku}. The others still show some, and cron pulls orders:`)
  tell.note(`${shownBy(readStockBooks(sandbox))}.`)
  await tell.isync('orders:pull')
  tell.later(MINUTE_MS)
  tell.note(`The pull itself told them, before it ended: ${shownBy(readStockBooks(sandbox))}.`)
  tell.say('cron rebalances between two pulls: what was marked meanwhile, and what the channels have reported.')
  await tell.isync('inventory:rebalance')
}

async function earlyRaise(stage: Stage, tell: Narrator): Promise<RaiseTold> {
  const { sandbox } = stage
  const sku = zohoCast.contested
  const since = stage.clock.now()
  for (const [i, channel] of demoChannels.entries()) channel.buy(sandbox, sku, taken[i] ?? 0)
  const delivered = sum(taken) - 1
  sandbox.act('zoho', 'set-stock', { sku, stock: (readStockBooks(sandbox).zoho.get(sku) ?? 0) + delivered, touch: true })
  const before = readStockBooks(sandbox)
  const left = leftOf(before, sku, since)
  const names = before.channels.map(({ channel }) => channel)
  const shown = new Map(names.map((channel) => [channel, offerOf(before, channel, sku).shown]))
  tell.later(MINUTE_MS)
  const purchases = demoChannels.map(({ name }, i) => `${taken[i]} on ${name}`).join(', ')
  tell.say(`TOO EARLY. Buyers have just taken of ${sku}: ${purchases}.`)
  tell.note('Nobody has pulled these orders, and Zoho does not know them.')
  tell.note(`It books a delivery of ${delivered} and says ${before.zoho.get(sku)}, though only ${left} are left.`)
  tell.note('What a hub without the guard would tell the channels now (the same program with raise_guard: off, as a dry run):')
  const without = await withoutGuard(stage, tell, sku)
  tell.note('And with the guard:')
  await tell.isync('inventory:delta')
  const told = (channel: string, books: StockBooks, after: number) =>
    writtenByUs(offerOf(books, channel, sku)).findLast(([at]) => at > after)?.[1] ?? null
  tell.later(MINUTE_MS)
  const early = readStockBooks(sandbox)

  const wanted = left + 1
  const found = offerOf(early, amazonChannel.code, sku).shown
  const isTurnedAway = !isSold(stage, sku, wanted)
  tell.note(
    `A buyer on Amazon wants ${wanted} and finds ${found}: ${isTurnedAway ? 'turned away, instead of sold what is not there' : 'SOLD'}.`,
  )

  tell.later(3 * MINUTE_MS)
  tell.say('cron pulls orders: now the numbers may go up, and to what is really left.')
  const pulledAt = stage.clock.now()
  await tell.isync('orders:pull')
  tell.later(MINUTE_MS)
  const late = readStockBooks(sandbox)
  const channels = names.map((channel) => ({
    channel,
    shown: shown.get(channel) ?? 0,
    without_guard: without.get(channel) ?? 0,
    told_before_pull: told(channel, early, since),
    told_after_pull: told(channel, late, pulledAt),
  }))
  for (const one of channels)
    tell.note(
      `${one.channel} showed ${one.shown}, would have been told ${one.without_guard}, was told ${one.told_after_pull} (${left} left, 1 kept back).`,
    )
  const isRight = ({ without_guard, told_before_pull, told_after_pull }: RaiseTold['channels'][number]) =>
    without_guard > left && told_before_pull === null && told_after_pull === ruleOf(left)
  return { sku, left, channels, turned_away: { wanted, found }, ok: isTurnedAway && channels.every(isRight) }
}

/** What the next delta run would tell each channel with the guard off. Nothing is written anywhere. */
async function withoutGuard(stage: Stage, tell: Narrator, sku: string): Promise<ReadonlyMap<string, number>> {
  const file = join(stage.folder, 'without-guard.yaml')
  const config = readFileSync(join(stage.folder, 'isync.config.yaml'), 'utf8')
  writeFileSync(file, config.replace(/^inventory:$/m, 'inventory:\n  raise_guard: off'))
  try {
    const ran = await stage.isync(['inventory:delta', '--dry-run', '--json', '--config', file])
    const { plan } = JSON.parse(ran.stdout) as { readonly plan: readonly { account: string; target: string; detail: string }[] }
    const mine = plan.filter(({ target }) => target === sku).toSorted((a, b) => (a.account < b.account ? -1 : 1))
    for (const { account, detail } of mine) tell.note(`  ${account}: ${detail}`)
    return new Map(mine.map(({ account, detail }) => [account, Number(/(\d+)$/.exec(detail)?.[1])]))
  } finally {
    rmSync(file)
  }
}

/** A buyer takes what the channel shows, and no more. */
function isSold({ sandbox }: Stage, sku: string, quantity: number): boolean {
  try {
    amazonChannel.buy(sandbox, sku, quantity)
    return true
  } catch {
    return false
  }
}

function inWords(books: StockBooks): string {
  const parts = books.channels.map(({ channel, offered }) => {
    const kept = offered.filter(({ sku, isOurs }) => isOurs && books.zoho.has(sku))
    const wrong = kept.filter(({ sku, shown }) => shown !== ruleOf(books.zoho.get(sku) ?? 0))
    return `${channel} ${wrong.length} of ${kept.length}`
  })
  return `Articles with a wrong number: ${parts.join(', ')}.`
}
