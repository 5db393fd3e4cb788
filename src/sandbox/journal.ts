import { gunzipSync } from 'node:zlib'
import type { FaultKind, JournalEntry, SandboxRequest, Vendor } from './stand-in.ts'
import { byVendor } from './vendors.ts'
import type { WireReply } from './wire.ts'

export type Counts = { readonly [vendor in Vendor]: Readonly<Record<string, number>> }

export interface Journal {
  record(entry: JournalLine): void
  entries(): readonly JournalEntry[]
  /** Requests received, by vendor and `METHOD /path-shape`. */
  counts(): Counts
  reset(): void
}

export interface JournalLine {
  readonly at: number
  readonly vendor: Vendor
  readonly request: SandboxRequest
  /** Undefined when not one byte was answered. */
  readonly reply: WireReply | undefined
  readonly fault: FaultKind | undefined
}

// Whoever asks here sends or gets a credential: the body is no business of the journal.
const TOKEN_PATH = /\/token$|restrictedDataToken$/i
const SECRET_PARAMETER = /token$|secret|api_?key|signature|password/i
// Paging cursors end in "token" as well but open nothing.
const PAGING_PARAMETER = /^(next_?page|next|page|previous|pagination)_?token$/i

/** Keeps what was received and what was answered. Request and reply headers are never kept. */
export function createJournal(keepBodies: boolean): Journal {
  let entries: JournalEntry[] = []
  let counts = new Map<Vendor, Map<string, number>>()

  function count(vendor: Vendor, key: string): void {
    const own = counts.get(vendor) ?? new Map<string, number>()
    counts.set(vendor, own.set(key, (own.get(key) ?? 0) + 1))
  }

  return {
    record({ at, vendor, request, reply, fault }) {
      count(vendor, `${request.method} ${pathShape(request.path)}`)
      const bodies = keepBodies && !TOKEN_PATH.test(request.path)
      entries.push({
        n: entries.length + 1,
        at,
        vendor,
        method: request.method,
        path: request.path,
        query: safeQuery(request.query),
        requestBody: bodies ? text(request.body, request.headers['content-encoding']) : '',
        status: reply?.status ?? 0,
        replyBody: bodies && reply !== undefined ? text(reply.body, reply.headers['content-encoding']) : '',
        contentType: reply?.headers['content-type'] ?? '',
        ...(fault === undefined ? {} : { fault }),
      })
    },
    entries: () => entries,
    counts() {
      return byVendor((vendor) => Object.fromEntries(counts.get(vendor) ?? []))
    },
    reset() {
      entries = []
      counts = new Map()
    },
  }
}

/** `/orders/2026-01-01/orders/112-1/shipmentConfirmation` -> `/orders/2026-01-01/orders/{id}/shipmentConfirmation` */
export function pathShape(path: string): string {
  const segments = path.split('/')
  return segments.map((segment, i) => (isIdentifier(segment, segments, i) ? '{id}' : segment)).join('/')
}

function isIdentifier(segment: string, segments: readonly string[], i: number): boolean {
  if (/^(v\d+(_beta)?|oauth2|\d{4}-\d{2}-\d{2})$/.test(segment)) return false
  if (/\d/.test(segment)) return true
  // SKUs and tracking numbers need not hold a digit. eBay: .../inventory_item/<sku>, .../shipping_fulfillment/<tracking number>.
  if (['inventory_item', 'shipping_fulfillment'].includes(segments[i - 1] ?? '')) return true
  // Amazon: /listings/<version>/items/<seller>/<sku>.
  return segments[1] === 'listings' && segments[3] === 'items' && i > 3
}

function safeQuery(query: URLSearchParams): string {
  const safe = new URLSearchParams(query)
  for (const name of new Set(safe.keys())) {
    if (SECRET_PARAMETER.test(name) && !PAGING_PARAMETER.test(name)) safe.set(name, '[hidden]')
  }
  return safe.toString()
}

function text(body: Buffer, encoding: string | undefined): string {
  const gzipped = encoding === 'gzip' || (body[0] === 0x1f && body[1] === 0x8b)
  if (!gzipped) return body.toString('utf8')
  try {
    return gunzipSync(body).toString('utf8')
  } catch {
    return `[${body.length} bytes that are not gzip]`
  }
}
