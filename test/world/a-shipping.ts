import type { Stream } from '../../src/core/db/cursors.ts'
import type { Shipment } from '../../src/core/model/shipment.ts'
import type { FoundOrder, PushOrder, PushOutcome, ShippingConnector, Subscription } from '../../src/core/ports/shipping.ts'

/** ShipStation as a list of what it holds; every question and every order it was sent is noted. */
export interface TestShipping extends ShippingConnector {
  /** Calls made, by the connector's own names: `getOrder 5001`. */
  readonly calls: string[]
  readonly sent: PushOrder[]
  /** What the orders there look like. */
  holds(...orders: readonly FoundOrder[]): void
  /** What one of the three lists says from now on, in pages. */
  lists(stream: Exclude<Stream, 'orders'>, ...pages: readonly (readonly Shipment[])[]): void
  /** What a batch of labels holds from now on, in pages. */
  holdsBatch(batchId: string, ...pages: readonly (readonly Shipment[])[]): void
  /** The account's webhooks, as they are. */
  readonly webhooks: Subscription[]
  /** How pushes are answered; by default each is stored. */
  answer: (order: PushOrder, index: number) => PushOutcome
  /** Thrown by the next call, once. */
  fail: Error | undefined
}

export function aFoundOrder(shipStationOrderId: number, change: Partial<FoundOrder> = {}): FoundOrder {
  const base = { orderKey: `manual-${shipStationOrderId}`, orderNumber: `N-${shipStationOrderId}`, orderStatus: 'shipped' }
  return { shipStationOrderId, ...base, storeId: 20002, mergedIds: [], ...change }
}

export function aShipping(): TestShipping {
  const orders = new Map<number, FoundOrder>()
  const pages = new Map<string, readonly (readonly Shipment[])[]>()
  const batches = new Map<string, readonly (readonly Shipment[])[]>()
  let next = 5001
  let nextWebhook = 9001

  function asked(call: string): void {
    shipping.calls.push(call)
    const { fail } = shipping
    shipping.fail = undefined
    if (fail !== undefined) throw fail
  }

  async function* listing(stream: string): ReturnType<ShippingConnector['listShipments']> {
    asked(stream)
    const own = pages.get(stream) ?? []
    for (const [index, shipments] of own.entries()) yield { shipments, next: { at: index === own.length - 1 ? 2 : 1 } }
  }

  const shipping: TestShipping = {
    account: 'shipstation',
    batchSize: { upsert: 100 },
    calls: [],
    sent: [],
    webhooks: [],
    fail: undefined,
    holds: (...found) => {
      for (const order of found) orders.set(order.shipStationOrderId, order)
    },
    lists: (stream, ...given) => void pages.set(stream, given),
    holdsBatch: (batchId, ...given) => void batches.set(batchId, given),
    answer: ({ shipStationOrderId }) => ({ status: 'stored', shipStationOrderId: shipStationOrderId ?? next++ }),
    async upsertOrders(batch) {
      asked(`upsertOrders ${batch.length}`)
      shipping.sent.push(...batch)
      return batch.map((order, index) => shipping.answer(order, index))
    },
    async findOrders(number) {
      asked(`findOrders ${number}`)
      return [...orders.values()].filter(({ orderNumber }) => orderNumber === number)
    },
    async findOrdersChangedSince() {
      asked('findOrdersChangedSince')
      return [...orders.values()]
    },
    async getOrder(id) {
      asked(`getOrder ${id}`)
      return orders.get(id)
    },
    async holdOrder(id) {
      asked(`holdOrder ${id}`)
    },
    listShipments: () => listing('shipments'),
    listFulfillments: () => listing('fulfillments'),
    listVoids: () => listing('voids'),
    async *listShipmentsOfBatch(batchId) {
      asked(`batch ${batchId}`)
      yield* batches.get(batchId) ?? []
    },
    async listWebhooks() {
      asked('listWebhooks')
      return [...shipping.webhooks]
    },
    async subscribeWebhook({ event, targetUrl }) {
      asked(`subscribeWebhook ${event}`)
      const id = nextWebhook++
      shipping.webhooks.push({ id, event, targetUrl, active: true })
      return id
    },
    async deleteWebhook(id) {
      asked(`deleteWebhook ${id}`)
      const at = shipping.webhooks.findIndex((one) => one.id === id)
      if (at < 0) return 'absent'
      shipping.webhooks.splice(at, 1)
      return 'deleted'
    },
    stores: async () => [],
    health: async () => ({ ok: true, checks: [] }),
  }
  return shipping
}
