import type { Sandbox } from '../../src/sandbox/server.ts'

/** One order as a marketplace's own books have it. */
export interface MarketOrder {
  readonly id: string
  readonly mustShip: boolean
  /** Ordered units less cancelled ones, by line. */
  readonly ordered: ReadonlyMap<string, number>
  readonly told: readonly Parcel[]
  /** When the marketplace was told that the order is taken, epoch ms; absent where it does not ask for that. */
  readonly taken?: readonly number[]
}

export interface Parcel {
  readonly tracking: string
  /** Undefined where nobody can tell what the package holds. */
  readonly units: ReadonlyMap<string, number> | undefined
  /** The marketplace knows which lines a package is of, and no units: they are those of the whole line. */
  readonly byLine?: boolean
}

interface EbayBooks {
  readonly orders: readonly {
    readonly order_id: string
    readonly payment: string
    readonly cancel: string
    readonly merged_into: string | null
    readonly lines: readonly { readonly order_line_item_id: string; readonly line_item_id: string; readonly quantity: number }[]
    readonly packages: readonly {
      readonly tracking: string | null
      readonly lines: Readonly<Record<string, number>>
      readonly by: string
    }[]
  }[]
}

const livesAtEbay: ReadonlySet<string> = new Set(['NotApplicable', 'Invalid', 'CancelRejected', 'CancelFailed'])

/** Lines go by the id of the API that `restLines` says: isync pushes an order with the ids of the API that it reads orders with. */
export function ebayOrders(sandbox: Sandbox, restLines = false): readonly MarketOrder[] {
  const { orders } = sandbox.books('ebay') as EbayBooks
  return orders.map((order) => {
    const names = new Map(
      order.lines.map((line) => [line.order_line_item_id, restLines ? line.line_item_id : line.order_line_item_id]),
    )
    const isOpen = order.payment === 'PAID' && livesAtEbay.has(order.cancel) && order.merged_into === null
    const isDone = order.packages.some(({ by }) => by === 'seed' || by === 'person')
    return {
      id: order.order_id,
      mustShip: (isOpen && !isDone) || toldByUs(order.packages, ['CompleteSale', 'createShippingFulfillment']),
      ordered: new Map(order.lines.map((line) => [names.get(line.order_line_item_id) ?? '', line.quantity])),
      told: order.packages.map(({ tracking, lines, by }) => ({
        tracking: tracking ?? '',
        units: new Map(Object.entries(lines).map(([line, units]) => [names.get(line) ?? line, units])),
        byLine: by === 'CompleteSale',
      })),
    }
  })
}

interface DscoBooks {
  readonly orders: readonly {
    readonly order_id: string
    readonly test: boolean
    readonly status: string
    readonly lifecycle: string
    readonly cancel_requested: boolean
    readonly acknowledgements: readonly { readonly at: string }[]
    readonly lines: readonly {
      readonly line_number: number | null
      readonly quantity: number
      readonly cancelled: number
      readonly rejected: number
      readonly cancel_requested: boolean
    }[]
    readonly packages: readonly {
      readonly tracking: string
      readonly lines: readonly { readonly line_number: number | null; readonly quantity: number }[]
      readonly by: string
    }[]
  }[]
}

export function dscoOrders(sandbox: Sandbox): readonly MarketOrder[] {
  const { orders } = sandbox.books('dsco') as DscoBooks
  return orders.map((order) => {
    const isHeld = order.cancel_requested || order.lines.some((line) => line.cancel_requested)
    const isOpen = ['created', 'acknowledged'].includes(order.lifecycle) && order.status !== 'cancelled'
    return {
      id: order.order_id,
      mustShip: !order.test && ((isOpen && !isHeld) || toldByUs(order.packages, ['batch', 'single'])),
      ordered: new Map(
        order.lines.map((line) => [String(line.line_number), line.quantity - line.cancelled - line.rejected] as const),
      ),
      told: order.packages.map(({ tracking, lines }) => ({
        tracking,
        units: new Map(lines.map((line) => [String(line.line_number), line.quantity])),
      })),
      taken: order.acknowledgements.map(({ at }) => Date.parse(at)),
    }
  })
}

/** Orders of Dsco that are over without an acknowledgement, as those that shipped before theirs came through: from then on it takes none. */
export function overUnacknowledged(sandbox: Sandbox): readonly string[] {
  const { orders } = sandbox.books('dsco') as DscoBooks
  return orders
    .filter(({ lifecycle, acknowledgements }) => lifecycle === 'completed' && acknowledgements.length === 0)
    .map(({ order_id }) => order_id)
}

interface ChannelAdvisorBooks {
  readonly orders: readonly {
    readonly order_id: number
    readonly checkout: string
    readonly payment: string
    readonly shipping: string
    readonly exported_by: readonly { readonly at: number }[]
    readonly lines: readonly { readonly line_id: number; readonly quantity: number }[]
    readonly fulfillments: readonly {
      readonly shipped: boolean
      readonly tracking: string | null
      readonly dc_type: string
      readonly by: string | null
      readonly lines: Readonly<Record<string, number>>
    }[]
  }[]
}

const openAtChannelAdvisor: ReadonlySet<string> = new Set(['Unshipped', 'PartiallyShipped'])

export function channelAdvisorOrders(sandbox: Sandbox): readonly MarketOrder[] {
  const { orders } = sandbox.books('channeladvisor') as ChannelAdvisorBooks
  return orders.map((order) => {
    const gone = order.fulfillments.filter(({ shipped }) => shipped)
    const isPaid = order.payment === 'Cleared' && order.checkout.startsWith('Completed')
    const isOurs = order.fulfillments.some(({ dc_type: type }) => type !== 'ExternallyManaged')
    return {
      id: String(order.order_id),
      mustShip: (isPaid && isOurs && openAtChannelAdvisor.has(order.shipping)) || gone.some(({ by }) => !isByHand(by)),
      ordered: new Map(order.lines.map((line) => [String(line.line_id), line.quantity])),
      told: gone.map(({ tracking, lines }) => ({ tracking: tracking ?? '', units: new Map(Object.entries(lines)) })),
      taken: order.exported_by.map(({ at }) => at),
    }
  })
}

function isByHand(by: string | null): boolean {
  return by === null || by === 'seed' || by === 'person'
}

function toldByUs(packages: readonly { readonly by: string }[], ways: readonly string[]): boolean {
  return packages.some(({ by }) => ways.includes(by))
}
