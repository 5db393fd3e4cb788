import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { OperatorError } from '../core/errors.ts'
import { demoChannels } from './demo/channels/all.ts'
import { type Check, checkStock, checkStory } from './demo/checks.ts'
import { type ChannelReckoning, isEven, reckon } from './demo/reckoning.ts'
import { openStage, type Stage } from './demo/stage.ts'
import { readStockBooks } from './demo/stock-books.ts'
import type { BrakeTold } from './demo/stock-brakes.ts'
import { isStockRight, reckonStock, type StockReckoning } from './demo/stock-reckoning.ts'
import type { RaiseTold, StockTold } from './demo/stock-story.ts'
import { type Faults, STORY_MS, tellStory } from './demo/story.ts'
import { execute, type Result } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { spokenProgram } from './shell/program-path.ts'
import { listenForStop } from './shell/stop.ts'

interface Options extends CommonOptions {
  readonly dir?: string
  readonly keep?: boolean
}

/** `isync demo` */
export function command(): Command {
  return newCommand(
    'demo',
    'Watch a working day: about 330 orders from five channels to ShipStation and back, stock from Zoho to the channels, outages, a kill -9, a held raise and a held run; nothing leaves this machine',
    ['isync demo', 'isync demo --json | jq .ok', 'isync demo --dir /tmp/isync-demo --keep'],
  )
    .option('--dir <path>', 'folder for the configuration and the database; it must not exist yet')
    .option('--keep', 'keep the stand-ins running afterwards, until Ctrl-C')
    .action(async (options: Options) => {
      let ok = false
      await execute('demo', options, async (output) => {
        const result = await demo(output, options)
        ok = result.document['ok'] === true
        return result
      })
      if (!ok && process.exitCode === 0) process.exitCode = 1
    })
}

async function demo(output: Output, options: Options): Promise<Result> {
  const began = Date.now()
  const stage = await openStage(options.dir ?? `isync-demo-${stamp(began)}`, began - STORY_MS)
  try {
    introduce(output, stage)
    await configure(output, stage)
    const { before, after, faults, stock: told, isQuiet } = await tellStory(stage, output)
    // From here on the folder lives in real time.
    stage.clock.set(Date.now())
    const channels = reckon(demoChannels, before, after)
    const stock = stockOf(stage, told)
    const checks = [
      ...checkStory(after),
      ...checkStock(readStockBooks(stage.sandbox)),
      { check: 'nothing is left to do in isync', ok: isQuiet },
    ]
    const ok =
      channels.every(isEven) && stock.ok && checks.every((check) => check.ok) && Object.values(faults).every((count) => count > 0)
    const seconds = Math.round((Date.now() - began) / 100) / 10
    printReckoning(output, { channels, stock, checks, faults, ok, seconds })
    await goOn(output, stage, told.raise.sku, options)
    return { verdict: 'done', document: { channels, stock, faults, checks, folder: stage.folder, seconds, ok } }
  } finally {
    await stage.close()
  }
}

function introduce(output: Output, { folder }: Stage): void {
  output.line(
    'isync demo: orders travel from Amazon, a Mirakl marketplace, eBay and both products of Rithum (Dsco, ChannelAdvisor) to',
  )
  output.line('ShipStation, their tracking numbers back, and stock from Zoho Inventory to all five.')
  output.line()
  output.line('The vendors are stand-ins on this machine, with the paging, rate limits and errors of the real ones. The commands')
  output.line('are the real program, one process each, as cron would start them. Only the clock is turned: a working day passes')
  output.line('in seconds (times are UTC).')
  output.line()
  output.line(`Folder: ${folder}`)
}

async function configure(output: Output, stage: Stage): Promise<void> {
  const args = ['init', '--yes', '--sandbox-port-base', String(stage.port)]
  const { code } = await stage.isync(args)
  output.line()
  output.line(`  $ isync ${args.join(' ')}`)
  if (code === 0) {
    output.line('    wrote isync.config.yaml, .env and isync.db')
    return
  }
  const next = `read ${stage.logFile}`
  throw new OperatorError({ what: 'the demo could not begin', where: stage.folder, why: `isync init ended with ${code}`, next })
}

/** What the stock half of the demo showed; `guards` are the two stories. */
interface StockDocument {
  readonly channels: readonly StockReckoning[]
  readonly guards: { readonly raise: RaiseTold; readonly brake: BrakeTold }
  readonly ok: boolean
}

function stockOf({ sandbox }: Stage, { raise, brake, bookedAt }: StockTold): StockDocument {
  const channels = reckonStock(readStockBooks(sandbox), bookedAt)
  const ok = channels.every(isStockRight) && raise.ok && brake.ok
  return { channels, guards: { raise, brake }, ok }
}

interface Reckoning {
  readonly channels: readonly ChannelReckoning[]
  readonly stock: StockDocument
  readonly checks: readonly Check[]
  readonly faults: Faults
  readonly ok: boolean
  readonly seconds: number
}

function printReckoning(output: Output, { channels, stock, checks, faults, ok, seconds }: Reckoning): void {
  output.line()
  output.line("The reckoning, from the vendors' own books (isync's database is not asked):")
  output.line()
  output.table(
    ['channel', 'orders at the channel', 'to be shipped', 'in ShipStation', 'confirmed', 'lost', 'doubled'],
    channels.map((one) => [one.channel, one.seeded, one.shippable, one.in_shipstation, one.confirmed, one.lost, one.duplicated]),
  )
  output.line()
  output.table(
    ['channel', 'articles on sale', 'told', 'settled', 'wrong number', 'units oversold'],
    stock.channels.map((one) => [one.channel, one.listed, one.published, one.settled, one.wrong, one.oversold]),
  )
  output.line()
  const { raise, brake } = stock.guards
  output.line(`${mark(raise.ok)}  raise guard: ${raise.sku} went up only after its orders were pulled, to what was left`)
  output.line(`${mark(brake.ok)}  brakes: two answers of Zoho were not believed, nothing was told, and the next good one passed`)
  for (const { check, ok: holds } of checks) output.line(`${mark(holds)}  ${check}`)
  const unwanted = channels.reduce((sum, channel) => sum + channel.unwanted, 0)
  if (unwanted > 0) output.line(`!!  ${unwanted} order(s) in ShipStation that must not ship`)
  output.line()
  const { killed, connections_cut, answered_503 } = faults
  output.line(`On the way, each after the vendor had stored what it was sent: ${killed} process killed with kill -9,`)
  output.line(`${connections_cut} connections cut, ${answered_503} requests answered 503.`)
  output.line(
    ok
      ? `All orders arrived, each once, and every number on sale is right, in ${seconds} s.`
      : `The demo FAILED after ${seconds} s: see the lines above, and the log.`,
  )
}

function mark(ok: boolean): string {
  return ok ? 'ok' : '!!'
}

async function goOn(output: Output, stage: Stage, sku: string, { keep }: Options): Promise<void> {
  rmSync(join(stage.folder, 'clock.json'), { force: true })
  const isync = spokenProgram(stage.folder)
  output.line()
  output.line('The folder stays, with configuration, database and isync.log. Go on there:')
  output.line()
  output.line(`  cd ${relative(process.cwd(), stage.folder) || '.'}`)
  output.line(`  ${isync} status`)
  output.line(`  ${isync} orders:show 114-7000007-0000001      # one order, two packages`)
  output.line(`  ${isync} sku:show ${sku}                 # one article: every number and why`)
  output.line(`  ${isync} alloc:preview --sku ${sku}`)
  if (keep) {
    output.line(`  ${isync} doctor`)
    output.line(`  curl ${stage.sandbox.origins.control}/books/shipstation`)
    output.line()
    output.line('The stand-ins keep running until Ctrl-C.')
    const stop = listenForStop()
    await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
    stop.dispose()
    return
  }
  output.line()
  output.line('The stand-ins have ended with the demo. For commands that talk to a vendor, start empty ones in another shell:')
  output.line()
  output.line(`  ${isync} sandbox --port-base ${stage.port}`)
}

function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
}
