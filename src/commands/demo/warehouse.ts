import type { Sandbox } from '../../sandbox/server.ts'
import { readShipStation, type ShipStationOrder } from './books.ts'
import { demoChannels } from './channels/all.ts'

/** What the packers did, for the reader. */
export interface Packed {
  readonly orders: number
  readonly packages: number
}

interface Package {
  readonly items?: readonly { readonly line_item_key: string; readonly quantity: number }[]
}

const casts = demoChannels.map(({ cast }) => cast)
const special = (role: 'twoPackages' | 'inTwoParts' | 'split' | 'voided' | 'markedAsShipped') =>
  new Set<string>(casts.map((cast) => cast[role]))

/** The clerks at ShipStation. Every label gets the next number of its carrier. */
export function openWarehouse(sandbox: Sandbox): { shipMorning(): Packed; shipAfternoon(): Packed } {
  let labels = 0

  function nextLabel(): { readonly tracking: string; readonly carrier_code: string; readonly service_code: string } {
    labels += 1
    const n = labels
    const carriers = [
      {
        carrier_code: 'stamps_com',
        service_code: 'usps_ground_advantage',
        tracking: `94001118992230${String(n).padStart(8, '0')}`,
      },
      { carrier_code: 'ups_walleted', service_code: 'ups_ground', tracking: `1Z999AA10${String(n).padStart(9, '0')}` },
      { carrier_code: 'fedex', service_code: 'fedex_ground', tracking: `7712${String(n).padStart(8, '0')}` },
      { carrier_code: 'ontrac', service_code: 'ontrac_ground', tracking: `D1001${String(n).padStart(10, '0')}` },
    ] as const
    return carriers[n % carriers.length] ?? carriers[0]
  }

  function ship(order: { readonly order_id: number }, packages: readonly Package[] = [{}]): readonly string[] {
    const wishes = packages.map((content) => ({ ...nextLabel(), ...content }))
    sandbox.act('shipstation', 'ship', { order_id: order.order_id, packages: wishes })
    return wishes.map(({ tracking }) => tracking)
  }

  function open(): readonly ShipStationOrder[] {
    return readShipStation(sandbox).orders.filter(({ status, deleted }) => status === 'awaiting_shipment' && !deleted)
  }

  /** The whole order, or what stands in the story about it. Gives the number of packages that leave. */
  function pack(order: ShipStationOrder): number {
    const number = order.order_number
    const [first, second] = order.items
    if (special('twoPackages').has(number)) {
      return ship(
        order,
        order.items.map(({ line_item_key, quantity }) => ({ items: [{ line_item_key, quantity }] })),
      ).length
    }
    if (special('inTwoParts').has(number) && first !== undefined) {
      return ship(order, [{ items: [{ line_item_key: first.line_item_key, quantity: 2 }] }]).length
    }
    if (special('split').has(number) && second !== undefined) {
      const { line_item_key } = second
      const child = sandbox.act('shipstation', 'split', { order_id: order.order_id, items: [{ line_item_key, quantity: 1 }] })
      return ship(order).length + ship(child as { readonly order_id: number }).length
    }
    if (special('voided').has(number)) {
      const [wrong] = ship(order)
      sandbox.act('shipstation', 'void', { tracking: wrong })
      return ship(order).length
    }
    if (special('markedAsShipped').has(number)) {
      const tracking = `JD0${order.order_id}`
      sandbox.act('shipstation', 'mark-as-shipped', { order_id: order.order_id, carrier_name: 'DHL Express', tracking })
      return 1
    }
    return ship(order).length
  }

  function packAll(orders: readonly ShipStationOrder[]): Packed {
    return { orders: orders.length, packages: orders.reduce((sum, order) => sum + pack(order), 0) }
  }

  return {
    /** Everything special, and every other plain order. */
    shipMorning() {
      const names = new Set<string>(
        casts.flatMap((cast) => [cast.twoPackages, cast.inTwoParts, cast.split, cast.voided, cast.markedAsShipped]),
      )
      return packAll(open().filter(({ order_number }, i) => names.has(order_number) || i % 2 === 0))
    },
    /** What is left, the second part of what went in two included. */
    shipAfternoon() {
      const orders = open()
      return { orders: orders.length, packages: orders.reduce((sum, order) => sum + ship(order).length, 0) }
    },
  }
}
