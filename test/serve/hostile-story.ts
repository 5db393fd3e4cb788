import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { expect } from 'vitest'
import type { TestDatabase } from '../world/databases.ts'
import { type Attack, type Planned, planAttacks, type Target } from './hostile-attacks.ts'
import { type HonestSender, post, type Sent, startHonest } from './hostile-honest.ts'
import { readOutward, startHoneypot } from './hostile-honeypot.ts'
import { httpKinds } from './hostile-http.ts'
import { pathKinds } from './hostile-paths.ts'
import { proofKinds } from './hostile-proofs.ts'
import { type Answered, httpRequest, sendRaw } from './hostile-raw.ts'
import { slowAttacks } from './hostile-slow.ts'
import { type Besieged, besiege, genuine, type Message, type Sender, senders } from './hostile-world.ts'

/** Hostile connections at once, beside the slow ones. */
const AT_ONCE = 12
/** From each address of an attacker at most so many, so that none is refused for its pace alone. */
const PER_ADDRESS = 250
const FLOOD = 900
/** Requests of a flood that one connection brings. */
const BREATH = 20
const MB = 1_048_576

export interface Siege {
  /** Counted ones, after those that only warm it. */
  readonly requests: number
  /** So many come first: from them on the memory must be flat. A fresh process still grows to its level under the first ones. */
  readonly warm: number
  readonly seed: number
  /** Within this 99 of 100 honest messages are answered. */
  readonly honestWithinMs: number
}

interface Fought {
  readonly attack: Attack
  readonly answered: Answered
}

/** Everything that strangers send, while the senders whom isync knows go on. Returns figures, for people. */
export async function siege(database: TestDatabase, { requests, warm, seed, honestWithinMs }: Siege): Promise<string> {
  const canary = `canary${randomBytes(9).toString('hex')}`
  const honeypot = await startHoneypot()
  const besieged = await besiege(database)
  const { world, port, proofs, serve } = besieged
  let honest: HonestSender | undefined
  try {
    const captured = await takeOneOfEach(besieged)
    honest = startHonest(besieged)
    const target: Target = { proofs, honeypot: honeypot.port, canary, captured, now: () => world.clock.now() }
    const attacks = planAttacks([...httpKinds, ...pathKinds, ...proofKinds], warm + requests - FLOOD, seed, target)
    // A vendor that answers with the address of somebody else is not followed there.
    const location = `http://127.0.0.1:${honeypot.port}/shipments`
    world.sandbox.addFault({
      vendor: 'shipstation',
      kind: 'status',
      status: 302,
      times: 3,
      match: { path: '^/shipments' },
      headers: { location },
    })

    const slow = () => Promise.all(slowAttacks(target).map((attack, n) => strike(port, attack, `127.0.3.${1 + (n % 3)}`)))
    // With all that it holds at its worst, so that what comes after can only be what is never given back.
    const fought = (await Promise.all([fight(port, attacks.slice(0, warm)), slow()])).flat()
    const before = memoryOf(serve.pid)
    const began = performance.now()
    const held = slow()
    fought.push(...(await fight(port, attacks.slice(warm))), ...(await flood(port, canary)))
    fought.push(...(await held))
    const replays = await replayAll(besieged, captured)
    const seconds = (performance.now() - began) / 1000
    const sent = await honest.stop()
    const after = await settledMemory(besieged)
    const name = `seed ${seed}, database ${database.name}`
    const said = figures(name, { fought, seconds, before, after, sent })

    expect(fought.filter(isUnexpected).map(described).slice(0, 20), said).toEqual([])
    expect(replays, said).toEqual(captured.map(() => expect.toBeOneOf([200, 202])))
    expectServed(sent, honestWithinMs, said)
    serve.kill('SIGTERM')
    const ended = await serve.ended
    expect(ended.code, `${said}\n${ended.stderr.slice(-4_000)}`).toBe(0)
    await expectKept(besieged, sent, said)
    await expectTold(besieged, fought.length, said)
    expectQuietLog(ended.stderr, [canary, ...besieged.secrets], said)
    expectNothingLeft(besieged, said)
    expect(honeypot.visits, said).toEqual([])
    // Of keys that nobody knows only the first twenty are asked about, and then one a minute.
    expect(besieged.ebay.count('key'), said).toBeLessThanOrEqual(25)
    expect((after - before) / MB, `${said}: growth of memory in MB`).toBeLessThan(50)
    return said
  } finally {
    await honest?.stop()
    await world.close()
    await honeypot.close()
  }
}

/** One message of each sender, as an attacker might have seen it. Also what eBay's key is asked for. */
async function takeOneOfEach({ world, port, proofs }: Besieged): Promise<readonly Message[]> {
  const agent = new Agent()
  const messages = senders.map((sender) => genuine[sender](proofs, 'captured', world.clock.now()))
  for (const message of messages) expect(await post(agent, port, message)).toBe(202)
  agent.destroy()
  return messages
}

/** The same messages again, while they are fresh: known, or another reading of the same item; never anything else. */
async function replayAll({ port }: Besieged, captured: readonly Message[]): Promise<readonly number[]> {
  const agent = new Agent()
  const statuses: number[] = []
  for (const message of captured) statuses.push(await post(agent, port, message))
  agent.destroy()
  return statuses
}

async function fight(port: number, attacks: readonly Planned[]): Promise<Fought[]> {
  const fought: Fought[] = []
  const rest = attacks.entries()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [n, make] of rest) fought.push(await strike(port, make(), `127.0.2.${1 + (Math.floor(n / PER_ADDRESS) % 250)}`))
    }),
  )
  return fought
}

async function strike(port: number, attack: Attack, from: string): Promise<Fought> {
  const { wire, ends = false } = attack
  return { attack, answered: await sendRaw(wire, { port, from, ends }) }
}

/** From one address without a pause, each request in somebody else's name. */
async function flood(port: number, canary: string): Promise<Fought[]> {
  const fought: Fought[] = []
  const mine = '127.0.4.1'
  let n = 0
  await Promise.all(
    Array.from({ length: FLOOD / BREATH }, async () => {
      const requests = Array.from({ length: BREATH }, (_, at) => {
        n += 1
        const headers = {
          'x-forwarded-for': `198.51.100.${n % 250}, 203.0.113.${1 + (n % 5)}`,
          'content-type': 'application/json',
          connection: at === BREATH - 1 ? 'close' : 'keep-alive',
        }
        return httpRequest('POST', '/webhooks/zoho', headers, `{"a":"${canary}"}`)
      })
      fought.push(await strike(port, { kind: 'flood', wire: [Buffer.concat(requests)], expected: [401, 429] }, mine))
    }),
  )
  const limited = fought.flatMap(({ answered }) => answered.statuses).filter((status) => status === 429)
  expect(limited.length, 'of a flood').toBeGreaterThan(FLOOD / 10)
  return fought
}

function isUnexpected({ attack, answered: { statuses, ms } }: Fought): boolean {
  const { expected, withinMs = 20_000 } = attack
  if (ms > withinMs) return true
  if (statuses.length === 0) return !expected.includes(0)
  return statuses.some((status) => !expected.includes(status))
}

function described({ attack: { kind, wire }, answered }: Fought): string {
  const head = wire.map((part) => (Buffer.isBuffer(part) || typeof part === 'string' ? part.toString('latin1') : '')).join('')
  return `${kind}: ${answered.statuses.join(' ') || 'cut'} after ${Math.round(answered.ms)} ms: ${JSON.stringify(head.slice(0, 300))}`
}

function expectServed(sent: readonly Sent[], withinMs: number, said: string): void {
  expect(sent.length, said).toBeGreaterThan(50)
  expect(sent.filter(({ status }) => status !== 202).slice(0, 10), said).toEqual([])
  expect(percentile(sent, 0.99), `${said}: p99 of honest senders`).toBeLessThan(withinMs)
}

interface Kept {
  readonly deliveries: readonly {
    readonly provider: string
    readonly delivery_key: string
    readonly state: string
    readonly times: number
  }[]
  readonly refused: readonly { readonly provider: string; readonly reason: string; readonly count: number }[]
}

/** Of every honest message one row, of the captured ones too, and of strangers none. */
async function expectKept({ world }: Besieged, sent: readonly Sent[], said: string): Promise<void> {
  const rows: Kept['deliveries'][number][] = []
  for (const sender of senders) {
    const listed = await world.isync(['webhooks:inbox', '--json', '--limit', '9999', '--source', sender])
    rows.push(...listed.json<Kept>().deliveries)
  }
  const per = (sender: Sender) => ({
    rows: rows.filter(({ provider }) => provider === sender).length,
    repeated: rows.filter(({ provider, times }) => provider === sender && times > 1).length,
  })
  for (const sender of senders) {
    const honest = sent.filter((one) => one.sender === sender).length
    expect({ sender, ...per(sender) }, said).toEqual({ sender, rows: honest + 1, repeated: 1 })
  }
  expect(
    rows.filter(({ state }) => state === 'dead'),
    said,
  ).toEqual([])
  for (const name of ['ebay', 'amazon', 'orders'] as const) {
    const keys = rows.filter(({ provider }) => provider === name).map((row) => row.delivery_key.replace(/^.*:/, ''))
    const wanted = [...sent.filter(({ sender }) => sender === name).map(({ n }) => n), 'captured']
    expect(keys.sort(), said).toEqual(wanted.sort())
  }
}

interface Alerts {
  readonly alerts: readonly { readonly rule: string; readonly channel: string; readonly count: number }[]
}

/** Refusals are counted, and people are told once of each sender. */
async function expectTold({ world }: Besieged, fought: number, said: string): Promise<void> {
  const { refused } = (await world.isync(['webhooks:inbox', '--json', '--limit', '1'])).json<Kept>()
  const total = refused.reduce((sum, { count }) => sum + count, 0)
  // What is cut before it is a request, and requests in one breath, are counted otherwise than once.
  expect(total, said).toBeGreaterThan(fought * 0.8)
  for (const reason of ['path', 'method', 'type', 'size', 'rate', 'signature', 'stale', 'address', 'shape'])
    expect(
      refused.some((one) => one.reason === reason),
      `${said}: ${reason}`,
    ).toBe(true)
  const { alerts } = (await world.isync(['alerts', '--all', '--json'])).json<Alerts>()
  const told = alerts.filter(({ rule }) => rule === 'webhooks-refused').map(({ channel }) => channel)
  expect(told.length, said).toBe(new Set(told).size)
  expect(told, said).toContain('zoho')
  expect(
    alerts.filter(({ rule }) => rule === 'dead-delivery'),
    said,
  ).toEqual([])
}

/** No line for a request, none that tells of a mishap, and no word of what was sent. */
function expectQuietLog(stderr: string, forbidden: readonly string[], said: string): void {
  for (const word of forbidden) expect(stderr.includes(word), `${said}: ${word.slice(0, 6)}... in the log`).toBe(false)
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'))
  const parsed = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  const work = ['orders:pull', 'tracking:sync', 'inventory', 'push', 'orders:push-shipstation']
  const others = parsed.filter(({ step }) => !work.includes(String(step)))
  expect(
    others.filter(({ level }) => level === 'error' || level === 'fatal'),
    said,
  ).toEqual([])
  const seconds = (Date.parse(String(parsed.at(-1)?.['time'])) - Date.parse(String(parsed[0]?.['time']))) / 1000
  expect(others.length, `${said}: lines beside those of work, of ${seconds} s`).toBeLessThan(20 + seconds / 5)
  expect(stderr, said).not.toMatch(/unhandled|uncaught|\n\s+at /i)
}

/** It talked to the stand-ins, to eBay's keys and to the database, and to nobody else. */
function expectNothingLeft({ world, ebay, outward }: Besieged, said: string): void {
  const { targets, names, programs } = readOutward(outward)
  const origins = Object.values(world.sandbox.origins).map((origin) => new URL(origin).host)
  const database = world.databaseUrl.startsWith('sqlite:') ? [] : [databaseTarget(world.databaseUrl)]
  const known = [...origins, new URL(ebay.server.origin).host, ...database]
  expect(
    targets.filter((one) => !known.includes(one)),
    said,
  ).toEqual([])
  expect(targets, said).toContain(new URL(world.sandbox.origins.shipstation).host)
  expect(
    names.filter((name) => !['127.0.0.1', 'localhost'].includes(name)),
    said,
  ).toEqual([])
  expect(programs, said).toEqual([])
}

function databaseTarget(text: string): string {
  const url = new URL(text)
  const folder = url.searchParams.get('host')
  return folder === null ? url.host : `unix:${folder}/.s.PGSQL.${url.port || '5432'}`
}

/** Bytes. */
function memoryOf(pid: number | undefined): number {
  const [, kilobytes = ''] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

/** The least of a few seconds: what is only not collected yet is no growth. */
async function settledMemory({ serve }: Besieged): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < 8; look += 1) {
    least = Math.min(least, memoryOf(serve.pid))
    await new Promise((go) => setTimeout(go, 250))
  }
  return least
}

function percentile(sent: readonly Sent[], share: number): number {
  const times = sent.map(({ ms }) => ms).sort((a, b) => a - b)
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
}

interface Measured {
  readonly fought: readonly Fought[]
  readonly seconds: number
  readonly before: number
  readonly after: number
  readonly sent: readonly Sent[]
}

function figures(name: string, { fought, seconds, before, after, sent }: Measured): string {
  const ms = (share: number) => `${percentile(sent, share).toFixed(0)} ms`
  const statuses = Map.groupBy(
    fought.flatMap(({ answered }) => (answered.statuses.length === 0 ? ['cut'] : answered.statuses.map(String))),
    (status) => status,
  )
  const counted = [...statuses].sort().map(([status, all]) => `${status}: ${all.length}`)
  return [
    `${name}: ${fought.length} hostile connections in ${seconds.toFixed(1)} s`,
    `memory ${Math.round(before / MB)} MB, afterwards ${Math.round(after / MB)} MB`,
    `${sent.length} honest messages, p50 ${ms(0.5)}, p99 ${ms(0.99)}, longest ${ms(1)}`,
    counted.join(', '),
  ].join('\n  ')
}
