import { amazonCast, amazonOrders } from '../../sandbox/scenario/amazon-orders.ts'
import { miraklCast, miraklOrders } from '../../sandbox/scenario/mirakl-orders.ts'
import type { Output } from '../shell/print.ts'
import { type Books, readBooks } from './books.ts'
import { newStreet } from './checks.ts'
import type { Ran, Stage } from './stage.ts'
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
  /** Nothing is due any more in isync. */
  readonly isQuiet: boolean
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** The story lasts a working day, and ends about now. */
export const STORY_MS = 6 * HOUR_MS + 20 * MINUTE_MS
const MOST_ROUNDS = 12
/** Amazon takes two confirmations a second; at this speed a hundred take seconds. */
const FAST = 10

/** One working day of a seller on two channels, by the built program and the crontab's rhythm. */
export async function tellStory(stage: Stage, output: Output): Promise<Told> {
  const { sandbox, clock } = stage
  const warehouse = openWarehouse(sandbox)
  let killed = 0

  function say(text: string): void {
    output.line()
    output.line(`${time(clock.now())}  ${text}`)
  }

  function note(text: string): void {
    output.line(`       ${text}`)
  }

  function show(command: string, { stdout, code, signal, pid }: Ran): void {
    output.line()
    output.line(`  $ isync ${command}`)
    for (const line of stdout.trimEnd().split('\n')) if (line !== '') output.line(`    ${line}`)
    if (signal !== null) output.line(`    (process ${pid} ended by ${signal})`)
    else if (code !== 0) output.line(`    (exit code ${code})`)
  }

  async function isync(command: string): Promise<Ran> {
    const ran = await stage.isync(command.split(' '))
    show(command, ran)
    return ran
  }

  function later(ms: number): void {
    clock.advance(ms)
  }

  /** Many small calls wait for the channel's rate limit; virtual time passes faster meanwhile. */
  async function tracking(): Promise<void> {
    clock.setScale(FAST)
    await isync('tracking:sync')
    clock.setScale(1)
  }

  /** How many orders ShipStation has, whatever isync knows of it. */
  function atShipStation(): number {
    return readBooks(sandbox).shipstation.orders.length
  }

  sandbox.seed('mirakl', { settings: { after_accept: 'WAITING_DEBIT_PAYMENT' } })
  sandbox.seed('amazon', { orders: amazonOrders(clock.now()) })
  sandbox.seed('mirakl', { orders: miraklOrders(clock.now()) })
  const before = readBooks(sandbox)

  say(
    `The two channels hold ${before.amazon.length + before.mirakl.length} orders of the last two days. cron starts the first pull.`,
  )
  await isync('orders:pull')

  buyersChangeTheirMinds(stage)
  later(10 * MINUTE_MS)
  say('Meanwhile two buyers have cancelled, and seven orders that could not ship yet were paid. cron pulls again.')
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
  const heard = sandbox.journal().length
  await isync('orders:push-shipstation')
  const sentAgain = sandbox
    .journal()
    .slice(heard)
    .filter(({ path }) => path.endsWith('/orders/createorders')).length
  const what = sentAgain === 0 ? 'All of them were found there, and nothing was sent again.' : 'What was missing has been sent.'
  note(`ShipStation holds ${atShipStation()} orders. ${what}`)

  later(HOUR_MS)
  ordersChange(stage)
  later(10 * MINUTE_MS)
  say('Two buyers correct their address and two cancel, though their orders are in ShipStation by now.')
  await isync('orders:pull')
  await isync('orders:push-shipstation')

  later(2 * HOUR_MS)
  const morning = warehouse.shipMorning()
  later(4 * MINUTE_MS)
  say(
    `The warehouse has shipped ${morning.orders} orders in ${morning.packages} packages. On each channel one order went in two packages, one`,
  )
  note('was split in two, one only in part, one label was voided and made anew, one was marked as shipped by other means.')
  note('OUTAGE: Mirakl stores the first confirmations and answers 503; Amazon stores one, and the connection is cut.')
  const unavailable = { status: 503, body: { status: 503, message: 'Service Unavailable' } }
  sandbox.addFault({ vendor: 'mirakl', kind: 'status-after', match: { method: 'POST', path: '/api/shipments$' }, ...unavailable })
  sandbox.addFault({ vendor: 'amazon', kind: 'cut-after', after: 20, match: { path: '/shipmentConfirmation$' } })
  await tracking()

  later(5 * MINUTE_MS)
  say('cron goes on: what the channels have stored is found there, and told no second time.')
  await tracking()

  later(2 * HOUR_MS)
  const afternoon = warehouse.shipAfternoon()
  later(4 * MINUTE_MS)
  say(`The warehouse has shipped the rest: ${afternoon.orders} orders in ${afternoon.packages} packages.`)
  await tracking()

  const isQuiet = await untilQuiet(stage, (text) => say(text))
  const bitten = (kind: string) => sandbox.faults().filter((fault) => fault.kind === kind && fault.bitten > 0).length
  const faults = { killed, connections_cut: bitten('cut-after'), answered_503: bitten('status-after') }
  return { before, after: readBooks(sandbox), faults, isQuiet }
}

function buyersChangeTheirMinds({ sandbox, clock }: Stage): void {
  clock.advance(4 * MINUTE_MS)
  sandbox.act('amazon', 'cancel', { order_id: amazonCast.cancelledBeforePush })
  sandbox.act('mirakl', 'cancel', { order_id: miraklCast.cancelledBeforePush })
  for (const id of amazonCast.paidLater) sandbox.act('amazon', 'set-status', { order_id: id, status: 'UNSHIPPED' })
  for (const id of [...miraklCast.paidLater, ...miraklCast.toAccept]) sandbox.act('mirakl', 'pay', { order_id: id })
}

function ordersChange({ sandbox }: Stage): void {
  sandbox.act('amazon', 'change-address', { order_id: amazonCast.addressChanged, ship_to: { line1: newStreet } })
  sandbox.act('mirakl', 'change-address', { order_id: miraklCast.addressChanged, ship_to: { street_1: newStreet } })
  sandbox.act('amazon', 'cancel', { order_id: amazonCast.cancelledAfterPush })
  sandbox.act('mirakl', 'cancel', { order_id: miraklCast.cancelledAfterPush })
}

/** The crontab's round, again and again, until a round finds nothing to do. */
async function untilQuiet(stage: Stage, say: (text: string) => void): Promise<boolean> {
  const round = ['orders:pull', 'orders:push-shipstation', 'tracking:sync'] as const
  for (let n = 1; n <= MOST_ROUNDS; n += 1) {
    stage.clock.advance(5 * MINUTE_MS)
    stage.clock.setScale(FAST)
    let isIdle = true
    for (const command of round) {
      const ran = await stage.isync([command, '--json'])
      isIdle = ran.code === 0 && !foundWork(ran.stdout) && isIdle
    }
    stage.clock.setScale(1)
    if (isIdle && (await openTasks(stage)) === 0) {
      say(`cron goes on with pull, push and tracking${n === 1 ? '' : `, ${n} rounds`}. Nothing is left to do.`)
      return true
    }
  }
  return false
}

function foundWork(json: string): boolean {
  const { channels } = JSON.parse(json) as { readonly channels: readonly { readonly counts: Readonly<Record<string, number>> }[] }
  const work = ['new', 'changed', 'to_push', 'to_acknowledge', 'pushed', 'to_confirm', 'confirmed', 'waiting']
  return channels.some(({ counts }) => work.some((name) => (counts[name] ?? 0) > 0))
}

async function openTasks(stage: Stage): Promise<number> {
  const { stdout } = await stage.isync(['status', '--json'])
  const { tasks } = JSON.parse(stdout) as {
    readonly tasks: { readonly waiting: number; readonly running: number; readonly dead: number }
  }
  return tasks.waiting + tasks.running + tasks.dead
}

function time(at: number): string {
  return new Date(at).toISOString().slice(11, 16)
}
