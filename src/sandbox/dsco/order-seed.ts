import { findLine, isOver, LIFECYCLES, type Line, type Order, type Package, STATUSES, settleOrder } from './order.ts'
import { spread } from './order-change.ts'
import { orderId, readCompact } from './order-compact.ts'
import { nothingSeen } from './seen.ts'
import { type Book, namedBook, next, type State } from './state.ts'
import { isRecord, isText, isWhole, type Json, listOf, parseTime, textOf } from './wire.ts'

/** Kept in fields of their own; everything else of a document stays as it came. */
// biome-ignore format: a word list
const OWN = new Set([
  'dscoOrderId', 'poNumber', 'dscoStatus', 'dscoLifecycle', 'dscoCreateDate', 'dscoLastUpdate', 'testFlag', 'orderType', 'supplierOrderNumber',
  'cancelRequested', 'cancelRequestedCode', 'shipping', 'numberOfLineItems', 'lineItems', 'packages',
])
// biome-ignore format: a word list
const OWN_OF_LINE = new Set([
  'quantity', 'lineNumber', 'cancelledQuantity', 'rejectedQuantity', 'cancelRequested', 'cancelRequestedCode', 'remainingQuantity', 'shippedQuantity',
])

interface Arrival {
  readonly createdAt: number
  /** Orders of a seed have been there for long; one that comes now is seen as changes are. */
  readonly visibleFrom: (order: Order) => number
}

/** Orders that were there before: everybody sees them at once. */
export function seeded(state: State, agoMs: number): Arrival {
  return { createdAt: state.clock.now() - agoMs, visibleFrom: () => Number.NEGATIVE_INFINITY }
}

/** Orders that are placed now. */
export function arriving(state: State): Arrival {
  const now = state.clock.now()
  return { createdAt: now, visibleFrom: () => now + state.settings.propagationMs }
}

/** Adds compact orders. Gives their ids. */
export function addCompact(state: State, values: readonly unknown[], arrival: Arrival): readonly string[] {
  const amountOf = (amount: number) => (state.settings.floatNoise ? Math.fround(amount) : amount)
  return values.map((value) => {
    const compact = readCompact(value, next(state), arrival.createdAt, amountOf)
    return put(
      state,
      namedBook(state, compact.account),
      readDocument(state, compact.document, compact.orderStream, arrival),
      arrival,
    )
  })
}

/** Adds the vendor's own Order objects: poNumber, lineItems and shipping are needed, the rest is invented where it is missing. */
export function addDocuments(state: State, documents: readonly unknown[], arrival: Arrival): readonly string[] {
  return documents.map((document, i) => {
    if (!isRecord(document)) throw new Error(`order_documents[${i}]: must be an object`)
    const supplier = textOf(document['dscoSupplierId'])
    const owner = supplier === undefined || state.access.account(supplier) === undefined ? undefined : supplier
    return put(state, namedBook(state, owner), readDocument(state, document, false, arrival), arrival)
  })
}

function put(state: State, book: Book, order: Order, { visibleFrom }: Arrival): string {
  if (book.orders.has(order.id)) throw new Error(`orders ${order.id}: is there already`)
  book.orders.set(order.id, order)
  spread(state, book, order, ['create'], visibleFrom(order))
  return order.id
}

function readDocument(state: State, document: Json, orderStream: boolean, { createdAt }: Arrival): Order {
  const id = textOf(document['dscoOrderId']) ?? orderId(next(state))
  const where = `orders ${id}`
  const poNumber = textOf(document['poNumber'])
  const shipping = document['shipping']
  const lines = listOf(document['lineItems']).map((line, i) => readLine(`${where}.lineItems[${i}]`, line))
  if (poNumber === undefined || !isRecord(shipping) || lines.length === 0) {
    throw new Error(`${where}: poNumber, lineItems and shipping must be there`)
  }
  const created = parseTime(document['dscoCreateDate']) ?? createdAt
  const order: Order = {
    id,
    poNumber,
    test: document['testFlag'] === true,
    type: textOf(document['orderType']),
    createdAt: created,
    orderStream,
    lines,
    packages: [],
    acknowledgements: [],
    seen: nothingSeen(),
    base: Object.fromEntries(Object.entries(document).filter(([key]) => !OWN.has(key))),
    shipping,
    supplierOrderNumber: textOf(document['supplierOrderNumber']),
    cancelRequested: requestOf(document),
    lifecycle: LIFECYCLES.find((one) => one === document['dscoLifecycle']) ?? 'created',
    status: 'created',
    updatedAt: parseTime(document['dscoLastUpdate']) ?? created,
    refusal: undefined,
  }
  order.packages.push(...readPackages(where, listOf(document['packages']), order, 'seed', created))
  settleOrder(order)
  // What the document says of itself counts, however odd it is.
  const said = STATUSES.find((one) => one === document['dscoStatus'])
  order.lifecycle = LIFECYCLES.find((one) => one === document['dscoLifecycle']) ?? order.lifecycle
  order.status = said ?? (isOver(order) && order.status === 'created' ? 'shipped' : order.status)
  return order
}

function requestOf(document: Json): string | null | undefined {
  return document['cancelRequested'] === true ? (textOf(document['cancelRequestedCode']) ?? null) : undefined
}

function readLine(where: string, line: unknown): Line {
  if (!isRecord(line)) throw new Error(`${where}: must be an object`)
  const { quantity, lineNumber, cancelledQuantity, rejectedQuantity } = line
  if (!isWhole(quantity) || quantity < 1) throw new Error(`${where}.quantity: must be 1 or more`)
  return {
    base: Object.fromEntries(Object.entries(line).filter(([key]) => !OWN_OF_LINE.has(key))),
    number: isWhole(lineNumber) ? lineNumber : undefined,
    quantity,
    cancelled: isWhole(cancelledQuantity) ? cancelledQuantity : 0,
    rejected: isWhole(rejectedQuantity) ? rejectedQuantity : 0,
    cancelRequested: requestOf(line),
  }
}

/** Packages as the vendor writes them. */
export function readPackages(
  where: string,
  documents: readonly unknown[],
  order: Order,
  by: Package['by'],
  addedAt: number,
): readonly Package[] {
  return documents.map((document, i) => {
    const place = `${where}.packages[${i}]`
    if (!isRecord(document) || !isText(document['trackingNumber'])) throw new Error(`${place}: trackingNumber is missing`)
    const { trackingNumber, items, numberOfLineItems: _, ...base } = document
    const contents = listOf(items).map((item) => {
      if (!isRecord(item) || !isWhole(item['quantity'])) throw new Error(`${place}.items: quantity is missing`)
      const line =
        findLine(order, item) ?? order.lines.find(({ number }) => number !== undefined && number === item['lineNumber'])
      if (line === undefined) throw new Error(`${place}.items: no such line`)
      return { line, quantity: item['quantity'], spans: item['packageSpanFlag'] === true }
    })
    return { base, tracking: trackingNumber as string, contents, by, requestId: undefined, addedAt }
  })
}
