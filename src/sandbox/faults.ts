import type { Fault, FaultKind, SandboxReply, SandboxRequest, Vendor } from './stand-in.ts'

const BEFORE: ReadonlySet<FaultKind> = new Set(['status', 'cut', 'timeout', 'html', 'throttle', 'token-revoked'])
const AFTER: ReadonlySet<FaultKind> = new Set([
  'status-after',
  'cut-after',
  'timeout-after',
  'truncate',
  'html-after',
  'repeat-page',
  'slow',
])

const PUSHED: ReadonlySet<FaultKind> = new Set(['push-lost', 'push-late', 'push-twice'])

export const FAULT_KINDS: readonly FaultKind[] = [...BEFORE, ...AFTER, ...PUSHED]

/** What goes over the wire in the end. */
export type Delivery =
  | { readonly how: 'reply'; readonly reply: SandboxReply }
  /** The body is cut in half but the message is well formed. */
  | { readonly how: 'truncate'; readonly reply: SandboxReply }
  /** Answers late and in dribbles. */
  | { readonly how: 'slow'; readonly reply: SandboxReply; readonly delayMs: number }
  /** The socket dies: without a byte, or halfway through `partial`. */
  | { readonly how: 'cut'; readonly partial?: SandboxReply }
  /** No answer until the client gives up. */
  | { readonly how: 'hold' }

export interface Faults {
  add(fault: Fault): void
  clear(vendor?: Vendor): void
  /** The faults with how often each has matched and bitten. */
  list(): readonly FaultRecord[]
  /** The fault that bites this request, if any; it is counted as bitten. `out`: one that the vendor itself sends. */
  bite(vendor: Vendor, request: SandboxRequest, direction: 'in' | 'out'): Fault | undefined
}

export interface FaultRecord extends Fault {
  readonly matched: number
  readonly bitten: number
}

interface Armed {
  readonly fault: Fault
  readonly path: RegExp | undefined
  matched: number
  bitten: number
}

/** The list of faults that wait for their request. The first match bites; every match counts towards `after`. */
export function createFaults(): Faults {
  let armed: Armed[] = []
  return {
    add(fault) {
      const path = fault.match?.path === undefined ? undefined : new RegExp(fault.match.path)
      armed.push({ fault, path, matched: 0, bitten: 0 })
    },
    clear(vendor) {
      armed = vendor === undefined ? [] : armed.filter((one) => one.fault.vendor !== vendor)
    },
    list() {
      return armed.map((one) => ({ ...one.fault, matched: one.matched, bitten: one.bitten }))
    },
    bite(vendor, request, direction) {
      let found: Armed | undefined
      for (const one of armed) {
        if (one.fault.vendor !== vendor || PUSHED.has(one.fault.kind) !== (direction === 'out') || !matches(one, request))
          continue
        one.matched += 1
        const ready = one.matched > (one.fault.after ?? 0) && one.bitten < (one.fault.times ?? 1)
        if (ready) found ??= one
      }
      if (found === undefined) return undefined
      found.bitten += 1
      return found.fault
    },
  }
}

function matches(one: Armed, request: SandboxRequest): boolean {
  const { match } = one.fault
  if (match?.method !== undefined && match.method.toUpperCase() !== request.method) return false
  if (one.path !== undefined && !matchesPath(one.path, request)) return false
  return match?.body === undefined || request.body.includes(match.body)
}

// With and without the query, so that both `/orders$` and `page=2` say what they seem to say.
function matchesPath(path: RegExp, request: SandboxRequest): boolean {
  if (path.test(request.path)) return true
  const query = request.query.toString()
  return query !== '' && path.test(`${request.path}?${query}`)
}

/** True when the stand-in must not see the request at all. */
export function bitesBefore(fault: Fault): boolean {
  return BEFORE.has(fault.kind)
}

/** How a fault that bites before the stand-in answers. */
export function answerBefore(fault: Fault): Delivery {
  const { headers } = fault
  switch (fault.kind) {
    case 'cut':
      return { how: 'cut' }
    case 'timeout':
      return { how: 'hold' }
    case 'html':
      return { how: 'reply', reply: htmlReply(fault) }
    case 'throttle':
      return { how: 'reply', reply: { status: fault.status ?? 429, headers: headers ?? {}, body: fault.body } }
    case 'token-revoked':
      return { how: 'reply', reply: { status: fault.status ?? 401, headers: headers ?? {}, body: fault.body } }
    default:
      return { how: 'reply', reply: statusReply(fault, 503) }
  }
}

/** What becomes of the stand-in's own reply. `previous` is the last good reply to the same path. */
export function distort(fault: Fault, reply: SandboxReply, previous: SandboxReply | undefined): Delivery {
  switch (fault.kind) {
    case 'status-after':
      return { how: 'reply', reply: statusReply(fault, 500) }
    case 'html-after':
      return { how: 'reply', reply: htmlReply(fault) }
    case 'cut-after':
      return fault.status === undefined ? { how: 'cut' } : { how: 'cut', partial: { ...reply, status: fault.status } }
    case 'timeout-after':
      return { how: 'hold' }
    case 'truncate':
      return { how: 'truncate', reply }
    case 'repeat-page':
      return { how: 'reply', reply: previous ?? reply }
    case 'slow':
      return { how: 'slow', reply, delayMs: fault.delayMs ?? 1000 }
    default:
      return { how: 'reply', reply }
  }
}

function statusReply(fault: Fault, usual: number): SandboxReply {
  const status = fault.status ?? usual
  return { status, headers: fault.headers ?? {}, body: fault.body ?? defaultBody(fault.vendor, status) }
}

// The kinds of body the vendors' gateways are known for, see the errors section of each contract.
function defaultBody(vendor: Vendor, status: number): unknown {
  if (vendor === 'amazon')
    return { errors: [{ code: status < 500 ? 'InvalidInput' : 'InternalFailure', message: 'Injected fault.' }] }
  if (vendor === 'mirakl') return { status, message: 'Injected fault.' }
  if (vendor === 'zoho') return { code: 1000, message: 'Injected fault.' }
  if (vendor === 'ebay')
    return {
      errors: [{ errorId: status < 500 ? 2004 : 2003, domain: 'ACCESS', category: 'APPLICATION', message: 'Injected fault.' }],
    }
  return {
    Message: 'An error has occurred.',
    ExceptionMessage: 'Injected fault.',
    ExceptionType: 'System.Exception',
    StackTrace: null,
  }
}

function htmlReply(fault: Fault): SandboxReply {
  const page =
    '<!DOCTYPE html>\n<html><head><title>Please wait</title></head><body><h1>We will be right back</h1></body></html>\n'
  const headers = { 'content-type': 'text/html; charset=utf-8', ...fault.headers }
  return { status: fault.status ?? 200, headers, body: fault.body ?? page }
}
