import type { SandboxReply } from '../stand-in.ts'
import { changedAt, type Order, shippedUnits } from './order.ts'
import { isReply, parseTime, restError } from './wire.ts'

const YEARS_MS = 2 * 365 * 86_400_000
const UNFILTERED_MS = 90 * 86_400_000
const RANGE = /^\[([^[\]]*)\.\.([^[\]]*)\]$/
/** The only two combinations there are (contract section 3). */
const PROGRESS: Readonly<Record<string, readonly Progress[]>> = {
  '{NOT_STARTED|IN_PROGRESS}': ['NOT_STARTED', 'IN_PROGRESS'],
  '{FULFILLED|IN_PROGRESS}': ['FULFILLED', 'IN_PROGRESS'],
}

export type Progress = 'NOT_STARTED' | 'IN_PROGRESS' | 'FULFILLED'
export type Choice = (order: Order) => boolean

export function orderError(status: number, errorId: number, message: string): SandboxReply {
  return restError(status, { errorId, domain: 'API_FULFILLMENT', category: status >= 500 ? 'APPLICATION' : 'REQUEST', message })
}

export function progressOf(order: Order): Progress {
  const shipped = order.lines.map((line) => shippedUnits(order, line))
  if (shipped.every((units) => units === 0)) return 'NOT_STARTED'
  return order.lines.every((line, i) => line.quantity === shipped[i]) ? 'FULFILLED' : 'IN_PROGRESS'
}

/** The `filter` of getOrders (contract section 3): creation wins over modification; without any, the last 90 days. */
export function readFilter(text: string, now: number): Choice | SandboxReply {
  const choices = new Map<string, Choice>()
  for (const part of text === '' ? [] : splitFilter(text)) {
    const mark = part.indexOf(':')
    const name = mark < 0 ? part : part.slice(0, mark)
    const choice = readPart(name, mark < 0 ? '' : part.slice(mark + 1), now)
    if (isReply(choice)) return choice
    choices.set(name, choice)
  }
  const times =
    choices.get('creationdate') ?? choices.get('lastmodifieddate') ?? ((order: Order) => order.createdAt >= now - UNFILTERED_MS)
  const progress = choices.get('orderfulfillmentstatus')
  return (order) => times(order) && (progress === undefined || progress(order))
}

// Commas part filters; none of the values holds one.
function splitFilter(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim())
}

function readPart(name: string, value: string, now: number): Choice | SandboxReply {
  switch (name) {
    case 'creationdate':
      return readRange(value, now, (order) => order.createdAt)
    case 'lastmodifieddate':
      return readRange(value, now, changedAt)
    case 'orderfulfillmentstatus': {
      const allowed = PROGRESS[value]
      if (allowed === undefined) return orderError(400, 30800, `Invalid filter value ${value} for filter ${name}`)
      return (order) => allowed.includes(progressOf(order))
    }
    default:
      return orderError(400, 30700, `Invalid filter name: ${name}`)
  }
}

function readRange(value: string, now: number, timeOf: (order: Order) => number): Choice | SandboxReply {
  const found = RANGE.exec(value)
  if (found === null) return orderError(400, 30810, 'Invalid date format')
  const [, fromText = '', toText = ''] = found
  if (fromText === '') return orderError(400, 30820, 'Start date is missing')
  const from = parseTime(fromText)
  const to = toText === '' ? now : parseTime(toText)
  if (from === undefined || to === undefined) return orderError(400, 30810, 'Invalid date format')
  if (from > now || to > now) return orderError(400, 30850, "Start and end dates can't be in the future")
  if (from > to) return orderError(400, 30840, 'Start date should be before end date')
  if (to - from > YEARS_MS || from < now - YEARS_MS)
    return orderError(400, 30830, "Time range between start date and end date must be within '2' years.")
  return (order) => timeOf(order) >= from && timeOf(order) <= to
}
