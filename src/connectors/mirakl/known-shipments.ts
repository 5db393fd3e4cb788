import type { Confirmation } from '../../core/model/shipment.ts'
import { limitOf, type MiraklClient, type MultiShipment, orderIdParameter, readSeekPages } from './client.ts'
import { bareNumber } from './packages.ts'
import { wireShipment } from './wire.ts'

export const SHIPMENTS_PATH = '/api/shipments'
/** One less than fit into a page: after a full page comes another call. */
const LOOK_UP_IDS = 99

/** Bare tracking numbers by order. */
export type KnownNumbers = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Tracking numbers of the packages that the marketplace has, by order (ST11); undefined when multi-shipment is off. Two packages of an order
 * with the same number and the same contents are told to the log: one of them is one too many.
 */
export async function trackingNumbers(
  client: MiraklClient,
  multiShipment: MultiShipment,
  orderIds: readonly string[],
  signal: AbortSignal,
): Promise<KnownNumbers | undefined> {
  const found = new Map<string, Set<string>>()
  const ids = [...new Set(orderIds)]
  for (let i = 0; i < ids.length; i += LOOK_UP_IDS) {
    const query = [limitOf(100), ...ids.slice(i, i + LOOK_UP_IDS).map(orderIdParameter)]
    const shipments = await readSeekPages(client, { operation: 'ST11', path: SHIPMENTS_PATH, query }, signal)
    if (shipments === undefined) {
      await multiShipment.switchOff()
      return undefined
    }
    const contents = new Set<string>()
    for (const raw of shipments) {
      const shipment = wireShipment.safeParse(raw).data
      const number = shipment?.tracking?.tracking_number
      if (shipment === undefined || shipment.status === 'CANCELED' || !number) continue
      const numbers = found.get(shipment.order_id) ?? new Set<string>()
      found.set(shipment.order_id, numbers.add(bareNumber(number)))
      const content = JSON.stringify([shipment.order_id, bareNumber(number), shipment.shipment_lines])
      if (contents.has(content))
        client.gate.log.warn(
          { channel: client.settings.channel, order_id: shipment.order_id },
          'the marketplace has a package twice: delete one of them in its back office',
        )
      contents.add(content)
    }
  }
  return found
}

export function isKnown(known: KnownNumbers, item: Confirmation): boolean {
  return known.get(item.externalOrderId)?.has(bareNumber(item.trackingNumber)) ?? false
}
