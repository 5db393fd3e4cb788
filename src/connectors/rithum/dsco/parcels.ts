import { PermanentError } from '../../../core/errors.ts'
import type { Confirmation } from '../../../core/model/shipment.ts'
import type { PlannedCall } from '../../../core/ports/gate.ts'
import { shippedBy } from './carriers.ts'
import type { DscoClient } from './client.ts'
import { lineIdsOf } from './units.ts'
import { filled, given } from './values.ts'
import type { WireLine, WireOrder } from './wire.ts'

export const SHIP = 'order/shipment/batch/small'

/** What is sure to be refused, and would take a whole call down with it; undefined when nothing is. */
export function flawOf(client: DscoClient, item: Confirmation): PermanentError | undefined {
  const what = flawWords(item)
  return what === undefined ? undefined : new PermanentError(`not sent: ${what}`, client.factsOf({ operation: SHIP }))
}

function flawWords({ lines, trackingNumber }: Confirmation): string | undefined {
  if (lines.length === 0) return 'the package holds no order line'
  // Under nothing it would never be found again, and be told a second time.
  if (!/[A-Za-z0-9]/.test(trackingNumber)) return 'the package has no tracking number'
  return lines.every(({ quantity }) => Number.isInteger(quantity) && quantity > 0)
    ? undefined
    : 'the package names a line without a whole quantity'
}

/** One object of the batch (contract section 4): one parcel, so that each has a line of its own in the log. */
export function parcelOf(client: DscoClient, item: Confirmation, order: WireOrder): object | PermanentError {
  const ids = lineIdsOf(order.lineItems)
  const lines = item.lines.map(({ externalLineId, quantity }) => ({
    line: order.lineItems[ids.indexOf(externalLineId)],
    quantity,
  }))
  const lineItems = lines.flatMap(({ line, quantity }) => (line === undefined ? [] : [{ ...articleOf(line), quantity }]))
  if (lineItems.length < lines.length)
    return new PermanentError('not sent: the order no longer has a line of the package', client.factsOf({ operation: SHIP }))
  return {
    dscoOrderId: item.externalOrderId,
    shipments: [
      {
        trackingNumber: item.trackingNumber.trim(),
        // No parcel has left in the future.
        shipDate: new Date(Math.min(item.shippedAt, client.gate.clock.now())).toISOString(),
        ...shippedBy(item.carrier, item.service, order, client.settings.carriers),
        lineItems,
      },
    ],
  }
}

/** The line number beside the article: one article can be on two lines (contract section 4). */
function articleOf(line: WireLine): object {
  const number = filled(line.lineNumber)
  const [name, value] =
    (['sku', 'dscoItemId', 'partnerSku', 'upc', 'ean'] as const)
      .map((key) => [key, filled(line[key])] as const)
      .find(([, known]) => known !== undefined) ?? []
  return {
    ...given('lineNumber', number === undefined || !/^\d{1,9}$/.test(number) ? undefined : Number(number)),
    ...(name === undefined ? {} : { [name]: value }),
  }
}

/** A dry run's words. */
export function plannedParcel({ gate, settings }: DscoClient, item: Confirmation, order: WireOrder): PlannedCall {
  const by = shippedBy(item.carrier, item.service, order, settings.carriers)
  const carrier = [by.shipCarrier, by.shipMethod, by.shippingServiceLevelCode].filter((part) => part !== undefined).join(' ')
  const lines = item.lines.map(({ externalLineId, quantity }) => `${quantity} x ${externalLineId}`).join(', ')
  return {
    account: gate.account,
    operation: SHIP,
    target: item.externalOrderId,
    detail: `${carrier} ${item.trackingNumber}, ${lines}`,
  }
}
