import { isConnectorError, type PermanentError, RetryableError } from '../../../core/errors.ts'
import type { Acknowledgement, ItemOutcome } from '../../../core/ports/marketplace.ts'
import { inLanes } from '../../http/lanes.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { followLog, type LogReading, verdictOf } from './log.ts'
import { warningsIn } from './messages.ts'
import { accepted, failed, failureIn, handOver, inHalves } from './outcomes.ts'
import { readWire } from './pages.ts'
import { given } from './values.ts'
import type { WireLogEntry } from './wire.ts'

const ACKNOWLEDGE = 'order/acknowledge'
/** Enough to find two bad ones among a thousand. */
const MOST_REFUSALS = 24

/**
 * Says that the orders are taken, with our reference as the supplier's own number (contract section 3). Only the log counts as a yes; an
 * order that the log refuses, or does not decide in time, is read back: one that is acknowledged or further is accepted. A repeat is
 * harmless, so nothing is remembered.
 */
export async function acknowledgeOrders(
  client: DscoClient,
  orders: readonly Acknowledgement[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  const outcomes = new Map<Acknowledgement, ItemOutcome>()
  const refuse = async (some: readonly Acknowledgement[], error: PermanentError | RetryableError): Promise<void> => {
    for (const [order, outcome] of await readBack(client, some, () => error, signal)) outcomes.set(order, outcome)
  }
  const refused: (readonly [readonly Acknowledgement[], PermanentError | RetryableError])[] = []
  await inHalves(
    orders,
    MOST_REFUSALS,
    async (some) => {
      const result = await handOver(client, requestOf(client, some), signal)
      if (!result.taken) return result.error
      for (const [order, outcome] of await settle(client, some, result.requestId, signal)) outcomes.set(order, outcome)
      return undefined
    },
    (some, error) => refused.push([some, error]),
    (some, error) => refused.push([some, postponed(client, error)]),
  )
  for (const [some, error] of refused) await refuse(some, error)
  return orders.map((order) => outcomes.get(order) ?? failed(postponed(client, undefined)))
}

function requestOf(client: DscoClient, orders: readonly Acknowledgement[]): DscoRequest {
  const body = orders.map(({ externalOrderId, reference }) => ({
    // The digits as they came: an order's number may be longer than a number can hold.
    id: externalOrderId,
    type: 'DSCO_ORDER_ID',
    ...given('supplierOrderNumber', reference),
  }))
  const plan = orders.map(({ externalOrderId, reference }) => ({
    account: client.gate.account,
    operation: ACKNOWLEDGE,
    target: externalOrderId,
    detail: `acknowledge${reference === undefined ? '' : ` as ${reference}`}`,
  }))
  return { operation: ACKNOWLEDGE, method: 'POST', path: `/${ACKNOWLEDGE}`, body: JSON.stringify(body), plan }
}

type Settled = readonly (readonly [Acknowledgement, ItemOutcome])[]

async function settle(
  client: DscoClient,
  orders: readonly Acknowledgement[],
  requestId: string,
  signal: AbortSignal,
): Promise<Settled> {
  const reading = await followLog(client, requestId, signal, (now) => {
    if (now.entries.length < orders.length) return false
    const told = verdictsIn(now)
    return orders.every(({ externalOrderId }) => isDecided(told.get(externalOrderId)))
  })
  const verdicts = verdictsIn(reading)
  const done = orders.flatMap((order) => {
    const entry = verdicts.get(order.externalOrderId)
    return entry?.status === 'success' ? [[order, accepted(warningsIn(entry.results))] as const] : []
  })
  const rest = orders.filter(({ externalOrderId }) => verdicts.get(externalOrderId)?.status !== 'success')
  const errorOf = (order: Acknowledgement) => {
    const entry = verdicts.get(order.externalOrderId)
    return entry?.status === 'failure' ? failureIn(client, ACKNOWLEDGE, entry.results) : undecided(client, reading)
  }
  return [...done, ...(await readBack(client, rest, errorOf, signal))]
}

/** By order. */
function verdictsIn({ entries }: LogReading): ReadonlyMap<string, WireLogEntry | undefined> {
  const about = new Map<string, WireLogEntry[]>()
  for (const entry of entries) {
    const orderId = entry.payload?.id ?? entry.payload?.dscoOrderId ?? ''
    const known = about.get(orderId)
    if (known === undefined) about.set(orderId, [entry])
    else known.push(entry)
  }
  return new Map([...about].map(([orderId, some]) => [orderId, verdictOf(some)]))
}

function isDecided(entry: WireLogEntry | undefined): boolean {
  return entry?.status === 'success' || entry?.status === 'failure'
}

/** A failed reading fails only its own order, with what was known before. */
async function readBack(
  client: DscoClient,
  orders: readonly Acknowledgement[],
  errorOf: (order: Acknowledgement) => PermanentError | RetryableError,
  signal: AbortSignal,
): Promise<Settled> {
  return inLanes(orders, async (order) => {
    try {
      const found = await readWire(client, order.externalOrderId, signal)
      const lifecycle = typeof found === 'object' ? found.dscoLifecycle : undefined
      const isPast = lifecycle === 'acknowledged' || lifecycle === 'completed'
      return [order, isPast ? accepted('already acknowledged') : failed(errorOf(order))] as const
    } catch (error) {
      if (!isConnectorError(error)) throw error
      return [order, failed(error)] as const
    }
  })
}

function undecided(client: DscoClient, { isComplete }: LogReading): RetryableError {
  const what = isComplete ? 'the log does not name the order' : 'taken, and the log has not worked on it yet'
  return new RetryableError(what, client.factsOf({ operation: ACKNOWLEDGE }))
}

function postponed(client: DscoClient, error: PermanentError | undefined): RetryableError {
  const what = error === undefined ? 'not sent' : `not told apart from a refused neighbour: ${error.message}`
  return new RetryableError(what, client.factsOf({ operation: ACKNOWLEDGE }))
}
