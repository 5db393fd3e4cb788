import type { Sandbox } from '../../sandbox/server.ts'
import { demoChannels } from './channels/all.ts'
import type { ChannelOrder } from './channels/channel.ts'

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

/** What the demo reads of the stand-ins' books. */
export interface Books {
  /** Orders by the channel's code. */
  readonly channels: ReadonlyMap<string, readonly ChannelOrder[]>
  readonly shipstation: ShipStationBooks
}

/** A copy of what the vendors know at this moment. */
export function readBooks(sandbox: Sandbox): Books {
  return {
    channels: new Map(demoChannels.map((channel) => [channel.code, channel.readOrders(sandbox)])),
    shipstation: readShipStation(sandbox),
  }
}

export function readShipStation(sandbox: Sandbox): ShipStationBooks {
  return structuredClone(sandbox.books('shipstation')) as ShipStationBooks
}
