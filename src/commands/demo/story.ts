import type { Output } from '../shell/print.ts'
import { type Books, readBooks, readShipStation } from './books.ts'
import { demoChannels } from './channels/all.ts'
import { newStreet } from './checks.ts'
import { type Narrator, openNarrator } from './narrator.ts'
import type { Stage } from './stage.ts'
import { lastBuyers, type StockTold, seedStock, tellStock } from './stock-story.ts'
import { openWarehouse } from './warehouse.ts'

/** What went wrong on purpose, as it really happened. */
export interface Faults {
  /** Processes ended by SIGKILL. */
  readonly killed: number
  /** Connections cut after the vendor had stored what it was sent. */
  readonly connections_cut: number
  /** Requests that were answered 503 after the vendor had stored what it was sent. */
  readonly answered_503: number
}

export interface Told {
  readonly before: Books
  readonly after: Books
  readonly faults: Faults
  readonly stock: StockTold
  /** Nothing is due any more in isync. */
  readonly isQuiet: boolean
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** The story lasts a working day, and ends about now. */
export const STORY_MS = 7 * HOUR_MS + 20 * MINUTE_MS
const MOST_ROUNDS = 12

/** One working day of a seller on five channels, by the built program and the crontab's rhythm. */
export async function tellStory(stage: Stage, output: Output): Promise<Told> {
  const { sandbox } = stage
  const warehouse = openWarehouse(sandbox)
  let killed = 0

  const tell = openNarrator(stage, output)
  const { say, note, show, isync, later } = tell

  /** How many orders ShipStation has, whatever isync knows of it. */
  function atShipStation(): number {
    return readShipStation(sandbox).orders.length
  }

  for (const channel of demoChannels) channel.seedOrders(sandbox, stage.clock.now())
  seedStock(stage)
  const before = readBooks(sandbox)

  const held = [...before.channels.values()].flat().length
  say(`The five channels hold ${held} orders of the last two days. cron starts the first pull.`)
  await isync('orders:pull')

  buyersChangeTheirMinds(stage)
  later(10 * MINUTE_MS)
  const paid = demoChannels.flatMap(({ cast }) => cast.paidLater).length
  say(`Meanwhile a buyer on each channel has cancelled, and ${paid} orders that could not ship yet were paid. cron pulls again.`)
  await isync('orders:pull')

  later(2 * MINUTE_MS)
  say('OUTAGE: ShipStation stores the first 100 orders, and the connection is cut before it answers.')
  sandbox.addFault({ vendor: 'shipstation', kind: 'cut-after', match: { path: '/orders/createorders$' } })
  await isync('orders:push-shipstation')
  note(`ShipStation holds ${atShipStation()} orders now; isync cannot know. It will look before it sends any of them again.`)

  later(5 * MINUTE_MS)
  say('cron pushes again, and the process is KILLED (kill -9) right after ShipStation has stored what it was sent.')
  sandbox.addFault({ vendor: 'shipstation', kind: 'timeout-after', match: { path: '/orders/createorders$' } })
  const isStored = () => sandbox.journal().some(({ fault }) => fault === 'timeout-after')
  const victim = await stage.isyncKilled(['orders:push-shipstation'], isStored)
  if (victim.signal === 'SIGKILL') killed += 1
  show('orders:push-shipstation', victim)
  note(`ShipStation holds ${atShipStation()} orders now. The last thing in isync's database is that it was about to send them.`)

  later(5 * MINUTE_MS)
  say("cron pushes again. The dead process's lease has run out, so its orders are taken over: looked up first.")
  const there = new Set(readShipStation(sandbox).orders.map(({ order_number: number }) => number))
  const heard = sandbox.journal().length
  await tell.fast(() => isync('orders:push-shipstation'))
  const sent = sandbox.journal().slice(heard).flatMap(ordersIn)
  const again = sent.filter((number) => there.has(number)).length
  note(
    `ShipStation holds ${atShipStation()} orders. The ${there.size} that it had were looked up and found, and ${again === 0 ? 'nothing' : again} was sent again;`,
  )
  note(`the other ${sent.length - again} went now for the first time.`)

  later(HOUR_MS)
  ordersChange(stage)
  later(10 * MINUTE_MS)
  say('On each channel a buyer corrects the address and another one cancels, though their orders are in ShipStation by now.')
  await isync('orders:pull')
  await tell.fast(() => isync('orders:push-shipstation'))

  later(2 * HOUR_MS)
  const morning = warehouse.shipMorning()
  later(4 * MINUTE_MS)
  say(
    `The warehouse has shipped ${morning.orders} orders in ${morning.packages} packages. On each channel one order went in two packages, one`,
  )
  note('was split in two, one only in part, one label was voided and made anew, one was marked as shipped by other means.')
  note('OUTAGE: Mirakl and Dsco store the first confirmations and answer 503; Amazon, eBay and ChannelAdvisor store one each,')
  note('and the connection is cut.')
  confirmationsFail(stage)
  await tell.fast(() => isync('tracking:sync'))

  later(5 * MINUTE_MS)
  say('cron goes on: what the channels have stored is found there, and told no second time.')
  await tell.fast(() => isync('tracking:sync'))

  later(10 * MINUTE_MS)
  const stock = await tellStock(stage, tell)
  later(30 * MINUTE_MS)
  await lastBuyers(stage, tell)
  await tell.fast(() => isync('orders:push-shipstation'))

  later(30 * MINUTE_MS)
  const afternoon = warehouse.shipAfternoon()
  later(4 * MINUTE_MS)
  say(`The warehouse has shipped the rest: ${afternoon.orders} orders in ${afternoon.packages} packages.`)
  await tell.fast(() => isync('tracking:sync'))

  const isQuiet = await untilQuiet(stage, tell)
  const bitten = (kind: string) => sandbox.faults().filter((fault) => fault.kind === kind && fault.bitten > 0).length
  const faults = { killed, connections_cut: bitten('cut-after'), answered_503: bitten('status-after') }
  return { before, after: readBooks(sandbox), faults, stock, isQuiet }
}

/** Numbers of the orders that a request hands to ShipStation. */
function ordersIn({ path, requestBody }: { readonly path: string; readonly requestBody: string }): readonly string[] {
  if (!path.endsWith('/orders/createorders')) return []
  return (JSON.parse(requestBody) as readonly { readonly orderNumber: string }[]).map(({ orderNumber }) => orderNumber)
}

function buyersChangeTheirMinds({ sandbox, clock }: Stage): void {
  clock.advance(4 * MINUTE_MS)
  for (const { cast, cancel, pay } of demoChannels) {
    cancel(sandbox, cast.cancelledBeforePush)
    for (const id of cast.paidLater) pay(sandbox, id)
  }
}

function ordersChange({ sandbox }: Stage): void {
  for (const { cast, cancel, changeStreet } of demoChannels) {
    changeStreet(sandbox, cast.addressChanged, newStreet)
    cancel(sandbox, cast.cancelledAfterPush)
  }
}

/** One call of each channel is stored, and what it answers is lost. */
function confirmationsFail({ sandbox }: Stage): void {
  const unavailable = { status: 503, body: { status: 503, message: 'Service Unavailable' } }
  sandbox.addFault({ vendor: 'mirakl', kind: 'status-after', match: { method: 'POST', path: '/api/shipments$' }, ...unavailable })
  sandbox.addFault({ vendor: 'dsco', kind: 'status-after', match: { path: '/order/shipment/batch/small$' }, ...unavailable })
  sandbox.addFault({ vendor: 'amazon', kind: 'cut-after', after: 20, match: { path: '/shipmentConfirmation$' } })
  sandbox.addFault({ vendor: 'ebay', kind: 'cut-after', after: 5, match: { body: '<CompleteSaleRequest' } })
  sandbox.addFault({ vendor: 'channeladvisor', kind: 'cut-after', after: 3, match: { path: '/Ship$' } })
}

const round = ['orders:pull', 'inventory:rebalance', 'orders:push-shipstation', 'tracking:sync'] as const

/** The crontab's round, again and again, until a round finds nothing to do. */
async function untilQuiet(stage: Stage, tell: Narrator): Promise<boolean> {
  for (let n = 1; n <= MOST_ROUNDS; n += 1) {
    stage.clock.advance(5 * MINUTE_MS)
    const isIdle = await tell.fast(() => isRoundIdle(stage))
    if (isIdle && (await openTasks(stage)) === 0) {
      tell.say(`cron goes on with pull, stock, push and tracking${n === 1 ? '' : `, ${n} rounds`}. Nothing is left to do.`)
      return true
    }
  }
  return false
}

async function isRoundIdle(stage: Stage): Promise<boolean> {
  let isIdle = true
  for (const command of round) {
    const ran = await stage.isync([command, '--json'])
    isIdle = ran.code === 0 && !foundWork(ran.stdout) && isIdle
  }
  return isIdle
}

function foundWork(json: string): boolean {
  const { channels } = JSON.parse(json) as { readonly channels: readonly { readonly counts: Readonly<Record<string, number>> }[] }
  const work = [
    'new',
    'changed',
    'to_push',
    'to_acknowledge',
    'pushed',
    'to_confirm',
    'confirmed',
    'waiting',
    'accepted',
    'handed_over',
    'held',
    'awaiting_report',
  ]
  return channels.some(({ counts }) => work.some((name) => (counts[name] ?? 0) > 0))
}

async function openTasks(stage: Stage): Promise<number> {
  const { stdout } = await stage.isync(['status', '--json'])
  const { tasks } = JSON.parse(stdout) as {
    readonly tasks: { readonly waiting: number; readonly running: number; readonly dead: number }
  }
  return tasks.waiting + tasks.running + tasks.dead
}
