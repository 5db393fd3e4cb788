import { expect } from 'vitest'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { startMailServer } from '../alerts/mail-server.ts'
import { type Audit, audit, stores } from '../world/auditor.ts'
import { auditStock } from '../world/auditor-stock.ts'
import type { TestDatabase } from '../world/databases.ts'
import { type Accounts, accountOf, printed } from '../world/day-accounts.ts'
import { type Cron, startCron } from '../world/day-cron.ts'
import { type DayTown, openDayTown, subscribeAll } from '../world/day-town.ts'
import { CANARY, MOVED, packedOrders, planTraffic, type Traffic } from '../world/day-traffic.ts'
import { planTrouble, type Trouble } from '../world/day-trouble.ts'
import { fingerprint } from '../world/dump.ts'
import { overUnacknowledged } from '../world/market-books.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export interface Day {
  readonly orders: number
  /** Virtual minutes in which orders come. */
  readonly minutes: number
  /** The hour (UTC) at which it begins. */
  readonly from?: number
  /** Minutes between two faults; absent: nothing goes wrong. */
  readonly faultEvery?: number
  /** In the middle every command is run dry, which must leave everything as it is. */
  readonly dryRuns?: boolean
  readonly seed?: number
  /** Told now and then how far it is. */
  readonly say?: (line: string) => void
}

/** Virtual milliseconds in a real one while something is at work; between that, time jumps. */
const SCALE = 10
/** With more commands at once than this, time goes slower until the machine has caught up. */
const CROWD = 5
/** Real time in which isync serve may begin with what a minute brought. */
const BREATH_MS = 350
/** Virtual minutes between two looks that somebody takes at the mails. */
const PEOPLE_LOOK_EVERY = 60
/** How long after the last order everything must have come to rest, in virtual minutes. */
const LONGEST_REST = 6 * 60

/** Two `isync serve` and the crontab on one database, from the first order to the moment when all is quiet, and what the books say then. */
export async function tellDay(database: TestDatabase, day: Day): Promise<Accounts> {
  const town = await openDayTown(database, await startMailServer(), SCALE)
  try {
    return await live(town, day)
  } finally {
    await town.close()
  }
}

async function live(town: DayTown, day: Day): Promise<Accounts> {
  const { clock } = town
  clock.set(Math.ceil(clock.now() / DAY) * DAY + (day.from ?? 0) * 60 * MINUTE - 10 * MINUTE)
  for (const serve of town.serves) await serve.start()
  expect(await subscribeAll(town)).toMatchObject({ code: 0 })
  expect((await town.isync(['inventory:full', '--json'])).code).toBe(0)

  const cron = startCron(town)
  const traffic = planTraffic(town, day.orders, day.minutes, day.seed ?? 1)
  const trouble =
    day.faultEvery === undefined
      ? undefined
      : planTrouble(town, cron, { minutes: day.minutes, seed: day.seed ?? 1, every: day.faultEvery })
  const remedies: string[] = []
  const begin = Math.ceil(clock.now() / (10 * MINUTE)) * 10 * MINUTE
  const began = performance.now()
  let minute = 0
  for (; minute < day.minutes; minute += 1) {
    await pass(town, cron, begin + minute * MINUTE, async () => {
      await trouble?.minute(minute)
      traffic.minute(minute)
    })
    if (minute % PEOPLE_LOOK_EVERY === 25) remedies.push(...(await remedy(town)))
    if (day.dryRuns === true && minute === Math.floor(day.minutes / 2)) await runDry(town, cron)
    if (minute % 30 === 29) day.say?.(`${minute + 1} min after ${seconds(began)} s`)
  }
  await trouble?.heal()
  day.say?.(`the last order has come after ${seconds(began)} s`)
  const quiet = await untilQuiet(town, cron, traffic, begin, minute, remedies, day.say ?? (() => undefined))
  day.say?.(`quiet ${quiet - day.minutes} min later, after ${seconds(began)} s`)
  // One more reading of everything in Zoho, since which nothing was sold, and a pull, for which raises wait.
  const sinceQuiet = begin + quiet * MINUTE
  const reading = nextStart(cron, 'inventory:full', begin, quiet + 1)
  for (minute = quiet; minute <= reading + 12; minute += 1) await pass(town, cron, begin + minute * MINUTE, async () => {})
  await cron.idle()
  await stopAll(town)
  return check(town, cron, traffic, trouble, {
    began,
    soldSince: sinceQuiet,
    quietAfter: quiet - day.minutes,
    remedies,
    say: day.say,
  })
}

/** The next minute at which cron starts this command, counted from `begin`. */
function nextStart(cron: Cron, command: string, begin: number, from: number): number {
  let minute = from
  while (!cron.isDue(command, begin + minute * MINUTE)) minute += 1
  return minute
}

/** One minute: what people do, what cron starts, and then time for all of it. */
async function pass({ clock, sandbox }: DayTown, cron: Cron, at: number, happen: () => Promise<void>): Promise<void> {
  if (clock.now() < at) clock.set(at)
  await happen()
  cron.tick(at)
  const until = performance.now() + BREATH_MS
  const isOver = () => clock.now() >= at + MINUTE || (performance.now() >= until && cron.atWork() === 0)
  let isSlow = false
  for (;;) {
    const isCrowded = cron.atWork() > CROWD
    if (isCrowded !== isSlow) {
      clock.setScale(isCrowded ? 1 : SCALE)
      isSlow = isCrowded
    }
    if (!isCrowded && isOver()) break
    await new Promise((done) => setTimeout(done, 25))
  }
  if (cron.atWork() === 0) await sandbox.settle()
}

/** Everything that people wanted is done and told; the minute of the day. */
async function untilQuiet(
  town: DayTown,
  cron: Cron,
  traffic: Traffic,
  begin: number,
  from: number,
  remedies: string[],
  say: (line: string) => void,
): Promise<number> {
  let found: Audit | undefined
  for (let minute = from; minute < from + LONGEST_REST; minute += 1) {
    await pass(town, cron, begin + minute * MINUTE, async () => traffic.minute(minute))
    if (minute % 5 !== 4 || traffic.open().length > 0) continue
    found = audit(town.sandbox)
    remedies.push(...(await remedy(town)))
    const missing = lostBut(found, traffic, town.sandbox)
    if (missing.length > 0) say(missing.slice(0, 5).join('\n'))
    const { openWork } = await accountOf(town.databaseUrl)
    say(`${minute + 1} min: ${traffic.open().length} orders under way, ${missing.length} missing, ${openWork} to do`)
    if (missing.length === 0 && openWork === 0) return minute + 1
  }
  const open = traffic.open().map(({ market, id, fate, next }) => `${market} ${id} ${fate}: ${next}`)
  const { openWork, stuck } = await accountOf(town.databaseUrl)
  throw new Error(
    `not quiet after ${LONGEST_REST} minutes\n${JSON.stringify({ open, lost: found?.lost, openWork, stuck }, undefined, 1)}`,
  )
}

/** What was given up is alerted with the one command that mends it, and sooner or later somebody runs that. Gives what was run. */
async function remedy(town: DayTown): Promise<readonly string[]> {
  const { alerts } = await accountOf(town.databaseUrl)
  const commands = alerts.flatMap(({ over, told, next }) =>
    !over && told && next.startsWith('isync retry --dead ') ? [next] : [],
  )
  for (const command of new Set(commands)) {
    const ran = await town.isync([...command.split(' ').slice(1), '--yes', '--json'])
    expect([0, 3, 4], `${command}\n${ran.stdout}\n${ran.stderr}`).toContain(ran.code)
  }
  return [...new Set(commands)]
}

/** What nobody can read is not in ShipStation; people are told of it. */
function unreadableIn({ orders }: Traffic): readonly string[] {
  return orders.filter(({ fate }) => fate === 'unreadable').map(({ market, id }) => `${market} ${id}: not in ShipStation`)
}

/** Dsco was down for whoever acknowledged, and up again for whoever told of the package. */
function unacknowledgedIn({ lost }: Audit, sandbox: Sandbox): readonly string[] {
  const shipped = new Set(overUnacknowledged(sandbox).map((id) => `dsco ${id}: not acknowledged`))
  return lost.filter((line) => shipped.has(line))
}

function lostBut(found: Audit, traffic: Traffic, sandbox: Sandbox): readonly string[] {
  const known = new Set([...unreadableIn(traffic), ...unacknowledgedIn(found, sandbox)])
  return found.lost.filter((line) => !known.has(line))
}

/** Both servers are frozen meanwhile, so that whatever changes was the dry run. */
async function runDry(town: DayTown, cron: Cron): Promise<void> {
  await cron.idle()
  await town.sandbox.settle()
  town.clock.setScale(1)
  for (const serve of town.serves) serve.signal('SIGSTOP')
  const before = await fingerprint(town.databaseUrl)
  const calls = town.sandbox.journal().length
  for (const call of cron.calls) {
    const ran = await town.isync([...call, '--dry-run', '--json'])
    expect([0, 3, 4], `${call.join(' ')} --dry-run\n${ran.stdout}\n${ran.stderr}`).toContain(ran.code)
  }
  expect((await fingerprint(town.databaseUrl)) === before, 'the database after a dry run of every command').toBe(true)
  expect(writesSince(town, calls)).toEqual([])
  for (const serve of town.serves) serve.signal('SIGCONT')
  town.clock.setScale(SCALE)
}

function writesSince({ sandbox }: DayTown, n: number): readonly string[] {
  return sandbox
    .journal()
    .slice(n)
    .filter(
      ({ method, path, requestBody }) =>
        !(method === 'GET' || /token$|restrictedDataToken$/.test(path)) &&
        !/^<\?xml[^>]*>\s*<Get/.test(requestBody) &&
        !path.includes('/bulk_get_'),
    )
    .map(({ vendor, method, path }) => `${vendor} ${method} ${path}`)
}

async function stopAll({ serves }: DayTown): Promise<void> {
  for (const serve of serves) expect(await serve.stop(), serve.name).toBe(0)
}

interface Ending {
  readonly began: number
  readonly soldSince: number
  readonly quietAfter: number
  readonly remedies: readonly string[]
  readonly say: Day['say']
}

async function check(
  town: DayTown,
  cron: Cron,
  traffic: Traffic,
  trouble: Trouble | undefined,
  { began, soldSince, quietAfter, remedies, say }: Ending,
): Promise<Accounts> {
  const { sandbox, mails } = town
  const found = audit(sandbox)
  const stock = auditStock(sandbox, { soldSince })
  const sent = sandbox.outbox()
  const logs = [...cron.logs().values(), ...town.serves.map((serve) => serve.log())]
  const accounts: Accounts = {
    ...(await accountOf(town.databaseUrl)),
    channels: found.channels,
    unreadable: unreadableIn(traffic),
    unacknowledged: unacknowledgedIn(found, sandbox),
    stock,
    sent: Map.groupBy(sent, ({ vendor, state, status, fault }) => `${vendor} ${fault ?? state}${status > 0 ? ` ${status}` : ''}`),
    pushes: town.pushes,
    mails: mails.mails.map(({ headers }) => headers['subject'] ?? ''),
    trouble: trouble?.counts,
    ends: cron.ends,
    serveEnds: town.serves.map(({ name, ends }) => `${name}: ${ends.join(', ')}`),
    realSeconds: seconds(began),
    quietAfter,
    remedies,
  }
  // Before anything is judged: whoever looks for a mistake needs it.
  say?.(printed(accounts))
  // 1. No order lost: what cannot be read is alerted.
  expect(lostBut(found, traffic, sandbox)).toEqual([])
  expect(accounts.unacknowledged.length).toBeLessThanOrEqual(Math.max(2, traffic.orders.length / 1_000))
  if (accounts.unreadable.length > 0) expect(accounts.alerts.map(({ rule }) => rule)).toContain('poison')
  // 2. No order twice, no package twice; what was cancelled is not packed, what has moved is packed where it went.
  expect(found.doubled).toEqual([])
  for (const { channel, packages, confirmed } of found.channels) expect([channel, confirmed]).toEqual([channel, packages])
  const packed = packedOrders(town)
  for (const { market, id, fate } of traffic.orders) {
    const there = packed.get(`${stores[market]} ${id}`)
    if (fate.startsWith('cancelled'))
      expect([undefined, 'on_hold', 'cancelled'], `${market} ${id} ${fate}`).toContain(there?.status)
    if (fate === 'moved after the push') expect(there?.ship_to.street1, `${market} ${id}`).toBe(MOVED)
  }
  // 3. Every quantity is what the rule gives for Zoho's number.
  expect(stock).toMatchObject({ wrong: [], trespasses: [] })
  // 4. Nobody is surprised: nothing is given up; whatever is still open was told, and what was told and is over was told to be over, each once.
  expect(accounts.stuck).toEqual([])
  expect(accounts.alerts.filter(({ over, told }) => !over && !told)).toEqual([])
  expect(accounts.alerts.filter(({ over, told, toldOver }) => over && told && !toldOver)).toEqual([])
  expect(accounts.toldTwice).toEqual([])
  expect(mails.mails.length > 0).toBe(accounts.alerts.some(({ told }) => told))
  // Whatever was answered with 202 is there, once, and was worked on.
  const good = [...sent.map(({ status }) => status), ...town.pushes]
  const kept = accounts.inbox.reduce((sum, { count }) => sum + count, 0)
  expect(good.filter((status) => status === 202).length).toBeLessThanOrEqual(kept)
  expect(accounts.inbox.filter(({ state }) => state !== 'done')).toEqual([])
  // 5. Nobody gets in.
  expect([...(trouble?.counts.hostile.keys() ?? [])].filter((status) => status < 400 && status > 0)).toEqual([])
  const sightings = logs.flatMap((log) => log.match(new RegExp(`.{0,60}(?:${CANARY}|5550199|555 0199).{0,60}`, 'gi')) ?? [])
  expect(sightings.slice(0, 5)).toEqual([])
  const secrets = [...Object.values(town.hooks), town.secrets['ISYNC_KEYS'] ?? '']
  expect(secrets.filter((secret) => logs.some((log) => log.includes(secret)))).toEqual([])
  return accounts
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1000)
}
