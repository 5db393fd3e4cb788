import type { Sandbox } from '../../sandbox/server.ts'

/** What the demo reads of the stand-ins' books. */
export interface AmazonOrder {
  readonly order_id: string
  readonly status: string
  readonly fulfilled_by: 'MERCHANT' | 'AMAZON'
  readonly items: readonly { readonly quantity: number; readonly shipped: number; readonly cancelled: number }[]
  readonly packages: readonly {
    readonly tracking: string
    readonly items: readonly { readonly quantity: number }[]
    readonly confirm_calls: number
  }[]
}

export interface MiraklOrder {
  readonly order_id: string
  readonly state: string
  readonly has_incident: boolean
  readonly lines: readonly { readonly quantity: number; readonly shipped: number; readonly canceled: number }[]
  readonly shipments: readonly {
    readonly tracking: string | null
    readonly lines: readonly { readonly quantity: number }[]
    readonly shipped: boolean
  }[]
}

export interface ShipStationOrder {
  readonly order_id: number
  readonly order_number: string
  readonly store_id: number
  readonly status: string
  readonly ship_to: Readonly<Record<string, unknown>> | null
  readonly items: readonly { readonly line_item_key: string; readonly quantity: number }[]
  readonly parent_id: number | null
  readonly merged_into: number | null
  readonly deleted: boolean
}

export interface ShipStationBooks {
  readonly orders: readonly ShipStationOrder[]
  readonly shipments: readonly {
    readonly order_id: number | null
    readonly tracking: string
    readonly voided: boolean
    readonly is_return: boolean
  }[]
  readonly fulfillments: readonly { readonly order_id: number; readonly tracking: string }[]
}

export interface Books {
  readonly amazon: readonly AmazonOrder[]
  readonly mirakl: readonly MiraklOrder[]
  readonly shipstation: ShipStationBooks
}

/** A copy of what the vendors know at this moment. */
export function readBooks(sandbox: Sandbox): Books {
  const { amazon, mirakl, shipstation } = structuredClone({
    amazon: sandbox.books('amazon') as { readonly orders: readonly AmazonOrder[] },
    mirakl: sandbox.books('mirakl') as { readonly orders: readonly MiraklOrder[] },
    shipstation: sandbox.books('shipstation') as ShipStationBooks,
  })
  return { amazon: amazon.orders, mirakl: mirakl.orders, shipstation }
}
