import { createChannelAdvisorConnector } from '../../src/connectors/rithum/channeladvisor/connector.ts'
import type { ChannelAdvisorSettings } from '../../src/connectors/rithum/channeladvisor/settings.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { MarketplaceConnector } from '../../src/core/ports/marketplace.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { followingClock, type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'
import { HOUR, NOW } from './channeladvisor-wire.ts'

/** Two of the seller's own, and one that is not. */
export const CENTERS = [
  { id: 0, name: 'Main' },
  { id: 5, name: 'Second' },
  // Those of Amazon and the like have numbers below 0.
  { id: -2, name: 'FBA', type: 'ExternallyManaged' },
]

export interface ChannelAdvisorWorld extends TestGate {
  readonly sandbox: Sandbox
  readonly connector: MarketplaceConnector
  /** The same account seen by another process: nothing kept in memory, other settings where given. */
  again(
    settings?: Partial<ChannelAdvisorSettings>,
    options?: TestGateOptions,
  ): TestGate & { readonly connector: MarketplaceConnector }
  act(action: string, argument?: unknown): unknown
  books(): Books
  bookOf(orderId: number): Books['orders'][number]
  productOf(sku: string): Books['products'][number]
  close(): Promise<void>
}

interface Books {
  readonly orders: readonly {
    readonly order_id: number
    readonly shipping: string
    readonly exported_by: readonly { readonly app_id: string }[]
    readonly lines: readonly { readonly line_id: number; readonly sku: string; readonly shipped: number }[]
    readonly fulfillments: readonly {
      readonly shipped: boolean
      readonly tracking: string | null
      readonly carrier: string | null
      readonly class: string | null
      readonly dc: number
      readonly seller_id: string | null
      readonly marketplace: string
      readonly lines: Readonly<Record<string, number>>
    }[]
  }[]
  readonly products: readonly {
    readonly product_id: number
    readonly sku: string
    readonly live: number | null
    readonly dcs: Readonly<Record<string, number>>
    readonly told: readonly { readonly by: string; readonly dc: number; readonly quantity: number }[]
  }[]
  readonly calls: Readonly<Record<string, number>>
  readonly throttled: number
  readonly misdeeds: readonly string[]
}

/** ChannelAdvisor's stand-in with its clock standing still, and a connector that talks to it. */
export async function openChannelAdvisor(seed: object = {}): Promise<ChannelAdvisorWorld> {
  const sandbox = await startSandbox({ portBase: 0, clock: createClock({ start: NOW, scale: 0 }) })
  sandbox.seed('channeladvisor', seed)
  const endpoint = sandbox.origins.channeladvisor
  const again: ChannelAdvisorWorld['again'] = (more = {}, options = {}) => {
    const world = testGate('ca-test', { clock: followingClock(sandbox.clock.now), ...options })
    const settings: ChannelAdvisorSettings = {
      channel: 'ca-test',
      endpoint,
      authEndpoint: endpoint,
      credentials: { applicationId: 'sandbox-app', sharedSecret: 'sandbox-shared', refreshToken: 'sandbox-refresh' },
      distributionCenterId: 0,
      updateType: 'UnShipped',
      excludeSites: [],
      carriers: {},
      timeoutMs: 5000,
      ...more,
    }
    return { ...world, connector: createChannelAdvisorConnector(world.gate, settings) }
  }
  const books = () => sandbox.books('channeladvisor') as Books
  return {
    sandbox,
    again,
    ...again(),
    act: (action, argument) => sandbox.act('channeladvisor', action, argument),
    books,
    bookOf: (id) => books().orders.find(({ order_id }) => order_id === id) ?? missing(`order ${id}`),
    productOf: (sku) => books().products.find((product) => product.sku === sku) ?? missing(`product ${sku}`),
    close: () => sandbox.close(),
  }
}

function missing(what: string): never {
  throw new Error(`the books have no ${what}`)
}

export function aParcel(
  orderId: number,
  lines: Readonly<Record<number, number>>,
  over: Partial<Confirmation> = {},
): Confirmation {
  return {
    channel: 'ca-test',
    externalOrderId: String(orderId),
    reference: 9000 + orderId,
    trackingNumber: `1Z${orderId}`,
    carrier: { code: 'ups_walleted', name: 'UPS', family: 'ups' },
    service: 'ups_ground',
    shippedAt: NOW - HOUR,
    lines: Object.entries(lines).map(([externalLineId, quantity]) => ({ externalLineId, quantity })),
    wholeOrder: true,
    ...over,
  }
}
