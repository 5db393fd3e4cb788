import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { Fault, FaultKind, Outgoing, PushedRequest, SandboxClock, SandboxRequest, Vendor } from './stand-in.ts'

const RETRY_MS = 60_000
const LATE_MS = 60_000
const MOST_AT_ONCE = 50
/** How soon a turned clock is noticed; other processes turn it too. */
const LOOK_MS = 20
const MOST_OF_AN_ANSWER = 65_536

/** One instant in the vendors' time and in this machine's, epoch milliseconds. */
export interface Moment {
  readonly virtual: number
  readonly real: number
}

/**
 * - `waiting` for its time or its turn; `sending` until there is an answer
 * - `answered` with any status; `failed`: without one (`error`)
 * - `lost` by a fault; `refused`: it would have left this machine
 */
export type PushState = 'waiting' | 'sending' | 'answered' | 'failed' | 'lost' | 'refused'

/** One try to deliver one message. Headers, and so keys and signatures, are not kept. */
export interface OutboxEntry {
  readonly n: number
  readonly vendor: Vendor
  readonly topic: string
  readonly url: string
  /** The entry of its first try; a further try and a copy have their own. */
  readonly of: number
  readonly attempt: number
  readonly state: PushState
  readonly method: string
  readonly requestBody: string
  /** 0: no answer. */
  readonly status: number
  readonly replyBody: string
  readonly error?: string
  readonly fault?: FaultKind
  /** When the vendor had it to send, when it left, and when the answer was there. */
  readonly queued: Moment
  readonly sent?: Moment
  readonly ended?: Moment
}

export interface Outbox {
  /** Takes over what this vendor's stand-in wants to send. */
  collect(vendor: Vendor): void
  entries(): readonly OutboxEntry[]
  settle(): Promise<void>
  /** Forgets everything; what is under way is broken off. */
  reset(): void
  close(): void
}

export interface OutboxOptions {
  readonly clock: SandboxClock
  readonly keepBodies: boolean
  /** Real time after which an answer is not waited for any more. */
  readonly timeoutMs: number
  readonly outgoing: (vendor: Vendor) => readonly Outgoing[]
  /** The fault that is meant for this request. */
  readonly bite: (vendor: Vendor, request: SandboxRequest) => Fault | undefined
}

interface Try {
  readonly message: Outgoing
  readonly entry: { -readonly [key in keyof OutboxEntry]: OutboxEntry[key] }
  readonly due: number
  /** Made already: a late one and a copy are sent as they were, and meet no further fault. */
  readonly made?: PushedRequest
}

/** Sends what the stand-ins want sent: over real HTTP, when its virtual time has come, and never beyond this machine. */
export function createOutbox({ clock, keepBodies, timeoutMs, outgoing, bite }: OutboxOptions): Outbox {
  let entries: OutboxEntry[] = []
  /** By the time they are due, then in the order they came. */
  let queue: Try[] = []
  let underWay = 0
  let timer: NodeJS.Timeout | undefined
  let ending = new AbortController()
  const waiters: (() => void)[] = []

  function moment(): Moment {
    return { virtual: clock.now(), real: Date.now() }
  }

  function enqueue(vendor: Vendor, message: Outgoing, due: number, more: Partial<OutboxEntry> = {}, made?: PushedRequest): void {
    const n = entries.length + 1
    const blank = { of: n, attempt: 1, state: 'waiting', method: '', requestBody: '', status: 0, replyBody: '' } as const
    const entry = { n, vendor, topic: message.topic, url: message.url, ...blank, queued: moment(), ...more }
    entries.push(entry)
    insert({ message, entry, due, ...(made === undefined ? {} : { made }) })
  }

  function insert(one: Try): void {
    let place = queue.length
    while (place > 0 && (queue[place - 1]?.due ?? 0) > one.due) place -= 1
    queue.splice(place, 0, one)
  }

  function collect(vendor: Vendor): void {
    const found = outgoing(vendor)
    if (found.length === 0) return
    for (const message of found) enqueue(vendor, message, message.at ?? clock.now())
    pump()
  }

  function pump(): void {
    clearTimeout(timer)
    for (let first = queue[0]; first !== undefined && underWay < MOST_AT_ONCE && first.due <= clock.now(); first = queue[0]) {
      queue.shift()
      underWay += 1
      void run(first, ending.signal)
    }
    if (queue.length > 0) timer = setTimeout(pump, LOOK_MS).unref()
    if (!isQuiet()) return
    for (const done of waiters.splice(0)) done()
  }

  function isQuiet(): boolean {
    const [first] = queue
    return underWay === 0 && (first === undefined || first.due > clock.now())
  }

  async function run(one: Try, signal: AbortSignal): Promise<void> {
    try {
      await perform(one, signal)
    } catch (error) {
      Object.assign(one.entry, { state: 'failed', error: `a mistake of the stand-in: ${reasonOf(error)}`, ended: moment() })
    }
    // After a reset nobody counts it any more.
    if (signal.aborted) return
    underWay -= 1
    collect(one.entry.vendor)
    pump()
  }

  async function perform(one: Try, signal: AbortSignal): Promise<void> {
    const { message, entry } = one
    const { vendor, attempt } = entry
    const made = one.made ?? message.request(attempt, clock.now())
    entry.method = made.method
    if (keepBodies) entry.requestBody = made.body ?? ''
    const refusal = await refusalOf(message.url)
    if (signal.aborted) return
    if (refusal !== undefined) {
      Object.assign(entry, { state: 'refused', error: refusal, ended: moment() })
      message.ended?.({ status: 0, body: '' })
      return
    }
    const fault = one.made === undefined ? bite(vendor, received(message.url, made)) : undefined
    if (fault !== undefined) entry.fault = fault.kind
    if (fault?.kind === 'push-late') {
      insert({ message, entry, made, due: clock.now() + (fault.delayMs ?? LATE_MS) })
      return
    }
    if (fault?.kind === 'push-twice') {
      enqueue(vendor, message, clock.now() + (fault.delayMs ?? 0), { of: entry.of, attempt, fault: fault.kind }, made)
      pump()
    }
    entry.sent = moment()
    entry.state = 'sending'
    const answer = fault?.kind === 'push-lost' ? { lost: true as const } : await send(message.url, made, timeoutMs, signal)
    if (signal.aborted) return
    entry.ended = moment()
    if ('lost' in answer) entry.state = 'lost'
    else if ('error' in answer) Object.assign(entry, { state: 'failed', error: answer.error })
    else Object.assign(entry, { state: 'answered', status: answer.status, replyBody: keepBodies ? answer.body : '' })
    // Of a copy only the first one's end counts.
    if (one.made !== undefined && entry.fault === 'push-twice') return
    finish(message, entry, 'status' in answer ? answer : { status: 0, body: '' })
  }

  function finish(message: Outgoing, entry: OutboxEntry, answer: { readonly status: number; readonly body: string }): void {
    const isTaken = answer.status >= 200 && answer.status < 300
    if (isTaken || entry.attempt >= (message.attempts ?? 1)) {
      message.ended?.(answer)
      return
    }
    enqueue(entry.vendor, message, clock.now() + (message.retryAfterMs ?? RETRY_MS), { of: entry.of, attempt: entry.attempt + 1 })
  }

  function reset(): void {
    clearTimeout(timer)
    ending.abort()
    ending = new AbortController()
    entries = []
    queue = []
    underWay = 0
    for (const done of waiters.splice(0)) done()
  }

  return {
    collect,
    entries: () => entries,
    settle() {
      pump()
      if (isQuiet()) return Promise.resolve()
      return new Promise((resolve) => waiters.push(resolve))
    },
    reset,
    close: reset,
  }
}

type Answer = { readonly status: number; readonly body: string } | { readonly error: string }

async function send(
  url: string,
  { method, headers, body }: PushedRequest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    return { status: response.status, body: await beginningOf(response) }
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return { error: isLate ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error) }
  }
}

async function beginningOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    pieces.push(piece)
    size += piece.length
    if (size >= MOST_OF_AN_ANSWER) break
  }
  return Buffer.concat(pieces).subarray(0, MOST_OF_AN_ANSWER).toString('utf8')
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause: unknown = error.cause
  return cause instanceof Error ? cause.message || cause.name : error.message
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Why nothing is sent there; undefined: it is on this machine. No name but localhost is ever looked up. */
async function refusalOf(address: string): Promise<string | undefined> {
  const url = URL.parse(address)
  if (url === null) return 'not sent: that is no address'
  if (!['http:', 'https:'].includes(url.protocol)) return `not sent: ${url.protocol} is not HTTP`
  if (url.username !== '' || url.password !== '') return 'not sent: an address with a user name or a password in it'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const found = host === 'localhost' ? await lookup(host, { all: true }).catch(() => []) : [{ address: host }]
  if (found.length > 0 && found.every((each) => isLoopback(each.address))) return undefined
  return `not sent: ${url.origin} is not on this machine; the sandbox sends to 127.0.0.0/8, [::1] and localhost only`
}

function isLoopback(address: string): boolean {
  const version = isIP(address)
  return version !== 0 && LOOPBACK.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

/** The request as its receiver sees it, for the conditions of faults. */
function received(address: string, { method, headers, body }: PushedRequest): SandboxRequest {
  const url = new URL(address)
  return { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.from(body ?? '') }
}
