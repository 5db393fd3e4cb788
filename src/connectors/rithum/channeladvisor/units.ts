import { sumOf } from './values.ts'
import type { WireFulfillment, WireItem, WireOrder } from './wire.ts'

/** What has become of a line's units. */
export interface Units {
  /** Ours and not cancelled. */
  readonly qty: number
  readonly qtyShipped: number
  readonly qtyLeft: number
  /** Somebody else's to ship. */
  readonly external: number
}

/** Whether a distribution center is somebody else's; undefined where the account's list does not tell. */
export type IsExternal = (centerId: number) => boolean | undefined

type Place = 'open' | 'shipped' | 'cancelled' | 'external' | 'unclear'

const places: Readonly<Record<string, Place>> = {
  NoChange: 'open',
  Complete: 'shipped',
  InTransit: 'shipped',
  ReadyForPickup: 'shipped',
  Canceled: 'cancelled',
  ThirdPartyManaged: 'external',
}

/** Where an adjustment of this state has come to nothing, or will. */
const REFUSED = /^(Error|.*Reject.*|NoChange|InformationOnly)$/
const FINISHED = /^(PostProcessingComplete|RejectionCompleted|InformationOnly|Error)$/

/**
 * What is left of a line by the account's own books: every unit lies in a fulfillment, and that one's delivery status and distribution
 * center say what became of it (contract sections 9 and 10). Units that the seller has cancelled before shipment stand in adjustments as
 * well; whichever of the two says more counts. Undefined where the books cannot be read so: then a person decides.
 */
export function unitsOf(item: WireItem, order: WireOrder, isExternal: IsExternal): Units | undefined {
  const isMixed = order.DistributionCenterTypeRollup === 'Mixed'
  const found = new Map<Place, number>()
  for (const { place, units } of entriesOf(item, order, (one) => placeOf(one, isMixed, isExternal)))
    found.set(place, (found.get(place) ?? 0) + units)
  if ((found.get('unclear') ?? 0) > 0) return undefined
  const bought = item.Quantity
  const external = Math.min(bought, found.get('external') ?? 0)
  const cancelled = Math.max(found.get('cancelled') ?? 0, cancelledUnits(item))
  const waiting = (found.get('open') ?? 0) + (found.get('shipped') ?? 0)
  // Of some units nothing says where they lie.
  if (isMixed && waiting + external + cancelled < bought) return undefined
  const qty = Math.max(0, bought - external - cancelled)
  const qtyShipped = Math.min(qty, found.get('shipped') ?? 0)
  return { qty, qtyShipped, qtyLeft: qty - qtyShipped, external }
}

function placeOf({ DeliveryStatus, DistributionCenterID }: WireFulfillment, isMixed: boolean, isExternal: IsExternal): Place {
  const external = typeof DistributionCenterID === 'number' ? isExternal(DistributionCenterID) : undefined
  if (external === true) return 'external'
  if (isMixed && external === undefined) return 'unclear'
  return places[DeliveryStatus ?? 'NoChange'] ?? 'unclear'
}

function entriesOf(
  item: WireItem,
  order: WireOrder,
  placed: (fulfillment: WireFulfillment) => Place,
): readonly { readonly place: Place; readonly units: number }[] {
  const entries = order.Fulfillments.flatMap((fulfillment) =>
    fulfillment.Items.filter(({ OrderItemID }) => OrderItemID === item.ID).map(({ ProductID, Quantity }) => ({
      place: placed(fulfillment),
      units: Quantity,
      isWhole: ProductID === item.ProductID,
    })),
  )
  if (item.IsBundle !== true) return entries
  const whole = entries.filter(({ isWhole }) => isWhole)
  if (whole.length > 0) return whole
  // A bundle's components lie there instead: they tell about the bundle only where all of them lie in the same place.
  const [first] = entries
  if (first === undefined) return []
  const isOnePlace = entries.every(({ place }) => place === first.place)
  return [{ place: isOnePlace ? first.place : 'unclear', units: item.Quantity }]
}

function cancelledUnits({ Adjustments }: WireItem): number {
  const valid = Adjustments.filter(({ Type, RequestStatus }) => Type === 'Cancellation' && !REFUSED.test(RequestStatus ?? ''))
  return sumOf(valid.map(({ Quantity }) => Math.max(0, Quantity ?? 0)))
}

/** The buyer wants to cancel, and nobody has decided yet. */
export function isDisputed({ Items }: WireOrder): boolean {
  return Items.some(({ Adjustments }) =>
    Adjustments.some(({ Type, RequestStatus }) => Type === 'Dispute' && !FINISHED.test(RequestStatus ?? '')),
  )
}
