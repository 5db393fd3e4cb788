import type { Sandbox } from '../../src/sandbox/server.ts'
import type { Shown } from './auditor-stock.ts'

type History = readonly (readonly [at: number, quantity: number | null, by: string])[]

interface EbayBooks {
  readonly orders: readonly {
    readonly order_id: string
    readonly payment: string
    readonly status: string
    readonly updated_at: string
    readonly lines: readonly { readonly sku: string | null; readonly quantity: number }[]
  }[]
  readonly listings: readonly {
    readonly sku: string | null
    readonly user: string
    readonly live: number | null
    readonly history: History
    readonly oversold: readonly string[]
  }[]
}

interface DscoBooks {
  readonly orders: readonly {
    readonly order_id: string
    readonly test: boolean
    readonly updated_at: string
    readonly lines: readonly {
      readonly sku: string | null
      readonly quantity: number
      readonly cancelled: number
      readonly rejected: number
    }[]
  }[]
  readonly items: readonly {
    readonly sku: string
    readonly account: string
    readonly quantity: number
    readonly status: string
    readonly history: History
    readonly oversold: readonly string[]
  }[]
}

interface ChannelAdvisorBooks {
  readonly orders: readonly {
    readonly order_id: number
    readonly shipping: string
    readonly updated_at: number
    readonly lines: readonly { readonly sku: string | null; readonly quantity: number }[]
  }[]
  readonly products: readonly {
    readonly sku: string
    readonly profile_id: number
    readonly live: number | null
    readonly history: History
    readonly told: readonly { readonly quantity: number }[]
    readonly oversold: readonly number[]
  }[]
}

/** What eBay and Rithum show. */
export function shownElsewhere(sandbox: Sandbox): readonly Shown[] {
  const { listings } = sandbox.books('ebay') as EbayBooks
  const { items } = sandbox.books('dsco') as DscoBooks
  const { products } = sandbox.books('channeladvisor') as ChannelAdvisorBooks
  return [
    ...listings.flatMap(({ sku, live, user, history, oversold }): readonly Shown[] =>
      sku === null || live === null ? [] : [{ ...shown(sku, history, oversold), market: 'ebay', account: user, quantity: live }],
    ),
    ...items.map(({ sku, quantity, account, history, oversold }): Shown => {
      return { ...shown(sku, history, oversold), market: 'dsco', account, quantity }
    }),
    ...products.map(({ sku, live, told, profile_id, history, oversold }): Shown => {
      // The platform takes its own open orders off what it is told.
      const quantity = told.at(-1)?.quantity ?? live
      return { ...shown(sku, history, oversold), market: 'channeladvisor', account: String(profile_id), quantity }
    }),
  ]
}

function shown(sku: string, history: History, oversold: readonly unknown[]) {
  const writtenBy = history.map(([, , by]) => by)
  return { sku, ours: true, writtenBy, writtenAt: history.at(-1)?.[0], doubled: false, oversold: oversold.map(String) }
}

/** Units of paid orders that were not cancelled. */
export function soldElsewhere(
  sandbox: Sandbox,
  since: number,
  copies: readonly string[],
): readonly { readonly sku: string | null; readonly units: number }[] {
  const ebay = (sandbox.books('ebay') as EbayBooks).orders.filter(
    ({ payment, status, updated_at }) => payment === 'PAID' && status !== 'Cancelled' && Date.parse(updated_at) >= since,
  )
  const dsco = (sandbox.books('dsco') as DscoBooks).orders.filter(
    ({ test, updated_at }) => !test && Date.parse(updated_at) >= since,
  )
  const channelAdvisor = (sandbox.books('channeladvisor') as ChannelAdvisorBooks).orders.filter(
    ({ order_id, shipping, updated_at }) => shipping !== 'Canceled' && updated_at >= since && !copies.includes(String(order_id)),
  )
  return [
    ...ebay.flatMap(({ lines }) => lines.map(({ sku, quantity }) => ({ sku, units: quantity }))),
    ...dsco.flatMap(({ lines }) =>
      lines.map((line) => ({ sku: line.sku, units: line.quantity - line.cancelled - line.rejected })),
    ),
    ...channelAdvisor.flatMap(({ lines }) => lines.map(({ sku, quantity }) => ({ sku, units: quantity }))),
  ]
}
