import { isConnectorError, PermanentError, RetryableError, StoppedError } from '../../../core/errors.ts'
import type { Confirmation } from '../../../core/model/shipment.ts'
import type { ItemOutcome, LookUp } from '../../../core/ports/marketplace.ts'
import { inLanes } from '../../http/lanes.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { followLog } from './log.ts'
import { warningsIn } from './messages.ts'
import { accepted, failed, failureIn, handOver, inHalves } from './outcomes.ts'
import { readWire } from './pages.ts'
import { flawOf, parcelOf, plannedParcel, SHIP } from './parcels.ts'
import { createSentParcels, type SentParcels, type Trace, traceOf } from './sent.ts'
import { trackingKey } from './values.ts'
import type { WireOrder } from './wire.ts'

/** Refused calls of one batch before the rest is left for another run: enough to find two bad ones among a hundred. */
const MOST_REFUSALS = 20

/** One parcel on its way to being told. `outcome` is undefined while nothing definite is known. */
interface Parcel {
  readonly item: Confirmation
  outcome: ItemOutcome | undefined
  order?: WireOrder
  body?: object
}

/**
 * All parcels in one batch call, then its log until each is decided (contract section 4). A parcel told twice becomes two, so before
 * anything is sent the log is asked about an earlier request, then the order itself. What the log has not decided within half a minute
 * fails with an unknown outcome and is never sent again while it may still be under way.
 */
export async function confirmShipments(
  client: DscoClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  const sent = createSentParcels(client)
  const parcels = batch.map((item): Parcel => {
    const flaw = flawOf(client, item)
    return { item, outcome: flaw === undefined ? undefined : failed(flaw) }
  })
  let underWay: readonly Parcel[] = []
  try {
    await settleTraced(client, sent, open(parcels), signal)
    await readOrders(client, open(parcels), signal)
    const ready = open(parcels).filter(({ body }) => body !== undefined)
    await inHalves(
      ready,
      MOST_REFUSALS,
      async (some) => {
        underWay = some
        const refusal = await sendParcels(client, sent, some, signal)
        underWay = []
        return refusal
      },
      (some, error) => settleAll(some, failed(error)),
      (some, error) => settleAll(some, failed(postponed(client, error))),
    )
  } catch (error) {
    if (parcels.every(({ outcome }) => outcome === undefined)) throw error
    if (!isConnectorError(error) && !(error instanceof StoppedError)) throw error
    if (isConnectorError(error)) settleAll(open(underWay), failed(error))
    settleAll(open(parcels), failed(unsent(client, error)))
  }
  return parcels.map(({ outcome }) => outcome ?? failed(unsent(client, undefined)))
}

function open(parcels: readonly Parcel[]): readonly Parcel[] {
  return parcels.filter(({ outcome }) => outcome === undefined)
}

function settleAll(parcels: readonly Parcel[], outcome: ItemOutcome): void {
  for (const parcel of parcels) parcel.outcome = outcome
}

/** Those that an earlier request may have told already. */
async function settleTraced(
  client: DscoClient,
  sent: SentParcels,
  parcels: readonly Parcel[],
  signal: AbortSignal,
): Promise<void> {
  const traces = await sent.trace(itemsOf(parcels), signal)
  for (const [at, parcel] of parcels.entries()) {
    const trace = traces[at] ?? { state: 'none' }
    if (trace.state === 'pending' || trace.state === 'judged') await settleByLog(client, sent, parcel, trace, 'found in the log')
  }
}

async function settleByLog(
  client: DscoClient,
  sent: SentParcels,
  parcel: Parcel,
  trace: Trace,
  note: string | undefined,
): Promise<void> {
  if (trace.state !== 'judged') {
    const what = trace.state === 'pending' ? 'has not worked on the package yet' : 'does not name the package'
    parcel.outcome = failed(unknown(client, `taken, and the log ${what}; it is not sent again before the log says so`))
    return
  }
  const { status, results } = trace.entry
  if (status === 'success') {
    parcel.outcome = accepted(warningsIn(results) ?? note)
    return
  }
  // A later try is a new one: a person may have mended what was wrong.
  await sent.forget([parcel.item])
  parcel.outcome = failed(failureIn(client, SHIP, results))
}

/** The orders as they are now: for what is in them already, and for their own words for articles and carriers. */
async function readOrders(client: DscoClient, parcels: readonly Parcel[], signal: AbortSignal): Promise<void> {
  const orders = await ordersOf(client, itemsOf(parcels), signal)
  for (const parcel of parcels) {
    const order = orders.get(parcel.item.externalOrderId)
    if (order === undefined || typeof order === 'string') {
      const what = order === 'unreadable' ? 'the order cannot be read' : 'Dsco does not know the order'
      parcel.outcome = failed(new PermanentError(`not sent: ${what}`, client.factsOf({ operation: 'order' })))
      continue
    }
    if (isTold(order, parcel.item)) {
      parcel.outcome = accepted('already confirmed')
      continue
    }
    const body = parcelOf(client, parcel.item, order)
    if (body instanceof PermanentError) parcel.outcome = failed(body)
    else Object.assign(parcel, { order, body })
  }
}

async function ordersOf(client: DscoClient, items: readonly Confirmation[], signal: AbortSignal) {
  const ids = [...new Set(items.map(({ externalOrderId }) => externalOrderId))]
  const orders = await inLanes(ids, (id) => readWire(client, id, signal))
  return new Map(ids.map((id, at) => [id, orders[at]]))
}

function isTold({ packages }: WireOrder, { trackingNumber }: Confirmation): boolean {
  const wanted = trackingKey(trackingNumber)
  return (packages ?? []).some((one) => trackingKey(one.trackingNumber ?? '') === wanted)
}

/** Undefined when the batch was taken, and its parcels have their outcomes. */
async function sendParcels(
  client: DscoClient,
  sent: SentParcels,
  parcels: readonly Parcel[],
  signal: AbortSignal,
): Promise<PermanentError | undefined> {
  const items = itemsOf(parcels)
  const request: DscoRequest = {
    operation: SHIP,
    method: 'POST',
    path: `/${SHIP}`,
    body: JSON.stringify(parcels.map(({ body }) => body)),
    plan: parcels.flatMap(({ item, order }) => (order === undefined ? [] : [plannedParcel(client, item, order)])),
  }
  await sent.begin(items)
  const result = await handOver(client, request, signal).catch(async (error: unknown) => {
    if (!(error instanceof RetryableError && error.outcomeUnknown)) await sent.forget(items)
    throw error
  })
  if (!result.taken) {
    await sent.forget(items)
    return result.error
  }
  await sent.taken(items, result.requestId)
  await settleTaken(client, sent, parcels, result, signal)
  return undefined
}

async function settleTaken(
  client: DscoClient,
  sent: SentParcels,
  parcels: readonly Parcel[],
  { requestId, note }: { readonly requestId: string; readonly note: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  try {
    const reading = await followLog(client, requestId, signal, (now) =>
      parcels.every(({ item }) => traceOf(item, now).state === 'judged'),
    )
    for (const parcel of parcels) await settleByLog(client, sent, parcel, traceOf(parcel.item, reading), note)
  } catch (error) {
    if (!isConnectorError(error)) throw error
    settleAll(open(parcels), failed(unknown(client, `taken, and the log cannot be read: ${error.message}`)))
  }
}

/** By the log of an earlier request, then by the parcels that the order has (contract section 4). */
export async function lookUpConfirmations(
  client: DscoClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  const traces = await createSentParcels(client).trace(batch, signal)
  const doubtful = batch.filter((_, at) => verdict(traces[at]) === undefined)
  const orders = await ordersOf(client, doubtful, signal)
  return batch.map((item, at) => {
    const order = orders.get(item.externalOrderId)
    if (typeof order === 'object' && isTold(order, item)) return 'confirmed'
    return verdict(traces[at]) ?? (order === 'unreadable' ? 'unknowable' : 'absent')
  })
}

/** Undefined: only the order can tell. */
function verdict(trace: Trace | undefined): LookUp | undefined {
  if (trace?.state === 'judged' && trace.entry.status === 'success') return 'confirmed'
  return trace?.state === 'pending' ? 'unknowable' : undefined
}

function itemsOf(parcels: readonly Parcel[]): readonly Confirmation[] {
  return parcels.map(({ item }) => item)
}

function unknown(client: DscoClient, what: string): RetryableError {
  return new RetryableError(what, { ...client.factsOf({ operation: SHIP }), outcomeUnknown: true })
}

function postponed(client: DscoClient, error: PermanentError): RetryableError {
  return new RetryableError(`not told apart from a refused neighbour: ${error.message}`, client.factsOf({ operation: SHIP }))
}

function unsent(client: DscoClient, error: unknown): RetryableError {
  const options = error === undefined ? {} : { cause: error }
  return new RetryableError('not sent: the run ended before its turn', client.factsOf({ operation: SHIP }), options)
}
