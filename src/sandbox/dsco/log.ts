import type { SandboxReply } from '../stand-in.ts'
import { stranger } from './order-wire.ts'
import type { AsyncRequest, Entry, RequestKind } from './request.ts'
import { isFinished, isTold } from './requests.ts'
import type { Call } from './rest-call.ts'
import { nextPage, openScroll, type Page } from './scroll.ts'
import { iso, isReply, type Json, parseTime, problem, refused } from './wire.ts'

/** Two weeks (contract section 4). */
const KEPT_MS = 14 * 86_400_000

/** GET /order/log (contract section 4). */
export function getOrderChangeLog(call: Call): SandboxReply {
  return readLog(call, 'order', ['acknowledge', 'shipment'])
}

/** GET /inventory/log (contract section 5). */
export function getInventoryChangeLog(call: Call): SandboxReply {
  return readLog(call, 'inventory', ['inventory'])
}

function readLog(call: Call, name: string, kinds: readonly RequestKind[]): SandboxReply {
  const { state, book, request, now } = call
  const { query } = request
  const requestId = query.get('requestId') ?? ''
  const scrollId = query.get('scrollId') ?? ''
  if (scrollId !== '') {
    const page = nextPage(state, book, `${name} log`, scrollId)
    return page === undefined
      ? refused(404, [problem('scroll_not_found', 'The page does not exist.')], now)
      : reply(call, page, undefined)
  }
  const known = [...book.requests.values()].filter(
    (one) => kinds.includes(one.kind) && !one.lost && one.receivedAt > now - KEPT_MS,
  )
  const wanted = statusFilter(query.get('status'))
  if (wanted === undefined) return refused(400, [problem('validation_error', 'status is not known.')], now)
  if (requestId !== '') {
    const found = known.find(({ id }) => id === requestId)
    const logs = found === undefined ? [] : shownEntries(call, found)
    const status = found === undefined ? state.settings.unknownLog : isFinished(state, found) ? 'COMPLETED' : 'PROCESSING'
    return open(call, name, logs.filter(wanted), status)
  }
  const inWindow = windowOf(query, now)
  if (isReply(inWindow)) return inWindow
  const logs = known.flatMap((one) => shownEntries(call, one)).filter((log) => inWindow.holds(String(log['dateProcessed'])))
  return open(call, name, logs.filter(wanted), undefined)
}

/** Nothing in the first half of the work, then all of it, part of it pending. */
function shownEntries({ state, now }: Call, request: AsyncRequest): readonly Json[] {
  const { entries, receivedAt } = request
  const last = entries.at(-1)
  if (last === undefined) return []
  const hasBegun = entries.some((entry) => isTold(state, entry)) || now - receivedAt >= (last.toldAt - receivedAt) / 2
  return hasBegun ? entries.map((entry) => document(entry, request, isTold(state, entry))) : []
}

function document(entry: Entry, { id, operation, receivedAt }: AsyncRequest, told: boolean): Json {
  const { payload, outcome, doneAt } = entry
  return {
    payload,
    dateProcessed: iso(told && doneAt !== undefined ? doneAt : receivedAt),
    status: told && outcome !== undefined ? outcome.status : 'pending',
    requestMethod: 'api',
    requestMethodDetail: operation,
    requestId: id,
    results: told && outcome !== undefined ? outcome.results : [],
  }
}

function statusFilter(status: string | null): ((log: Json) => boolean) | undefined {
  if (status === null || status === '') return () => true
  if (status === 'success_or_failure') return (log) => log['status'] !== 'pending'
  return ['pending', 'success', 'failure'].includes(status) ? (log) => log['status'] === status : undefined
}

function windowOf(query: URLSearchParams, now: number): { readonly holds: (date: string) => boolean } | SandboxReply {
  const start = parseTime(query.get('startDate'))
  const end = parseTime(query.get('endDate'))
  if (start === undefined || end === undefined) {
    return refused(400, [problem('validation_error', 'Either requestId, or startDate and endDate, is required.')], now)
  }
  return { holds: (date) => Date.parse(date) >= start && Date.parse(date) < end }
}

function open(call: Call, name: string, logs: readonly Json[], status: string | undefined): SandboxReply {
  const { state, book } = call
  return reply(call, openScroll(state, book, `${name} log`, logs, state.settings.logPage, status), status)
}

function reply({ state }: Call, { items, scrollId, note }: Page, status: string | undefined): SandboxReply {
  const told = status ?? note
  return {
    status: 200,
    body: {
      ...(scrollId === undefined ? {} : { scrollId }),
      ...(told === undefined ? {} : { status: told }),
      logs: items,
      ...stranger(state.settings),
    },
  }
}
