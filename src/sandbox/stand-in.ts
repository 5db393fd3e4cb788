/** What every vendor's stand-in is made of. The sandbox imports nothing of the product: it is the other side of the wire. */

export type Vendor = 'amazon' | 'mirakl' | 'shipstation' | 'zoho' | 'ebay' | 'dsco' | 'channeladvisor'

/** One request as it arrived, body fully read. Header names are lower case. */
export interface SandboxRequest {
  readonly method: string
  /** Decoded per segment by the stand-in itself; this is the raw path without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface SandboxReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object or array is sent as JSON; a string or Buffer as it is; absent means an empty body. */
  readonly body?: unknown
}

/** Virtual time, shared by all stand-ins. */
export interface SandboxClock {
  /** Epoch milliseconds, UTC. */
  now(): number
}

/**
 * A stateful stand-in for one vendor, written from that vendor's contract.
 * `handle` must apply every effect synchronously before it returns, so that the engine can
 * cut or replace the answer afterwards and the books still tell the truth.
 */
export interface StandIn {
  readonly vendor: Vendor
  /** Authenticates, rate-limits, and answers. Never throws: an internal mistake is the engine's 599. */
  handle(request: SandboxRequest): SandboxReply
  /** Adds to the state. The document's shape is the stand-in's own and is documented there. */
  seed(document: unknown): void
  /** One thing that a buyer, an operator or the vendor does: ship, void, cancel, change an address ... */
  act(action: string, argument: unknown): unknown
  /** The truth for auditors, as plain JSON. */
  books(): unknown
  /** What the vendor sends by itself since this was asked last; each is given once. Absent: this vendor sends nothing. */
  outgoing?(): readonly Outgoing[]
  /** Back to empty. */
  reset(): void
}

/** A request as a vendor sends it. Header names are lower case. */
export interface PushedRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** A message that the vendor pushes to somebody. The stand-in only says so; the engine sends it, to this machine and nowhere else. */
export interface Outgoing {
  readonly url: string
  /** What it is about, in the vendor's word. */
  readonly topic: string
  /** The virtual instant before which it does not leave. Absent: at once. */
  readonly at?: number
  /** Tries until an answer of 2xx. Default 1: at most once. */
  readonly attempts?: number
  /** Virtual time from a failed try to the next. Default 60 s. */
  readonly retryAfterMs?: number
  /** Made anew for each try, the first being 1; `now` is virtual. */
  request(attempt: number, now: number): PushedRequest
  /** Hears how it ended: the last answer, with status 0 where there was none. */
  ended?(answer: { readonly status: number; readonly body: string }): void
}

export type StandInFactory = (clock: SandboxClock) => StandIn

/**
 * - before the stand-in sees the request: `status` `cut` `timeout` `html` `throttle` (429)
 * - after it has taken effect:            `status-after` `cut-after` `timeout-after` `truncate` `html-after` `repeat-page`
 * - both ways:                            `slow` (answers after `delayMs`, body in dribbles), `token-revoked` (401 until `times` is spent)
 * - on what a vendor sends by itself:     `push-lost`, `push-late` (by `delayMs`, virtual; default a minute), `push-twice` (the copy after `delayMs`,
 *   default at once); `match` is about the request that is sent
 */
export type FaultKind =
  | 'status'
  | 'cut'
  | 'timeout'
  | 'html'
  | 'throttle'
  | 'status-after'
  | 'cut-after'
  | 'timeout-after'
  | 'truncate'
  | 'html-after'
  | 'repeat-page'
  | 'slow'
  | 'token-revoked'
  | 'push-lost'
  | 'push-late'
  | 'push-twice'

export interface Fault {
  readonly vendor: Vendor
  readonly kind: FaultKind
  /** Only these requests; all given conditions must hold. `path` is a regular expression. */
  readonly match?: { readonly method?: string; readonly path?: string; readonly body?: string }
  /** Skip this many matching requests first. Default 0. */
  readonly after?: number
  /** Bite this often, then be spent. Default 1. */
  readonly times?: number
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly delayMs?: number
}

/** One line of the journal: what was received and what was answered. Credentials are never kept. */
export interface JournalEntry {
  readonly n: number
  readonly at: number
  readonly vendor: Vendor
  readonly method: string
  readonly path: string
  readonly query: string
  readonly requestBody: string
  readonly status: number
  readonly replyBody: string
  readonly contentType: string
  readonly fault?: FaultKind
}
