import { PermanentError } from '../../core/errors.ts'
import type { Confirmation } from '../../core/model/shipment.ts'
import type { PlannedCall } from '../../core/ports/gate.ts'
import type { ItemOutcome } from '../../core/ports/marketplace.ts'
import { type CarrierChoice, type CarrierList, chooseCarrier, configuredCode } from './carriers.ts'
import type { MiraklClient } from './client.ts'
import { failed } from './outcomes.ts'

/** A package with its carrier in this operator's words. */
export interface Package {
  readonly item: Confirmation
  readonly carrier: CarrierChoice
}

/** Asks for the operator's list of carriers only when the configuration leaves one open. */
export async function choosePackages(
  client: MiraklClient,
  carriers: CarrierList,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly Package[]> {
  const overrides = client.settings.carriers
  const needsList = batch.some((item) => configuredCode(overrides, item.carrier) === undefined)
  const registered = needsList ? await carriers.read(signal) : []
  return batch.map((item) => ({ item, carrier: chooseCarrier(item.carrier, item.trackingNumber, overrides, registered) }))
}

/** A package the marketplace is sure to refuse would take a whole call down with it. */
export function refuseUnsound(client: MiraklClient, item: Confirmation): ItemOutcome | undefined {
  const facts = { account: client.gate.account, operation: 'ST01' }
  if (item.lines.length === 0) return failed(new PermanentError('the package holds no order line', facts))
  const isSound = item.lines.every((line) => Number.isInteger(line.quantity) && line.quantity > 0 && line.externalLineId !== '')
  return isSound
    ? undefined
    : failed(new PermanentError('the package names a line without id or without a whole quantity', facts))
}

/** ST01's entry: lines by order_line_id, shipped at once, one tracking object (contract section 5). */
export function toShipment({ item, carrier }: Package): object {
  const by = carrier.kind === 'registered' ? { carrier_code: carrier.code } : { carrier_name: carrier.name }
  const url = carrier.kind === 'named' && carrier.trackingUrl !== undefined ? { tracking_url: carrier.trackingUrl } : {}
  return {
    order_id: item.externalOrderId,
    shipment_lines: item.lines.map((line) => ({ order_line_id: line.externalLineId, quantity: line.quantity })),
    shipped: true,
    tracking: { ...by, tracking_number: item.trackingNumber, ...url },
  }
}

/** Spaces and case differ between what a carrier prints and what a marketplace keeps. */
export function bareNumber(trackingNumber: string): string {
  return trackingNumber.replace(/\s+/g, '').toUpperCase()
}

/** What a dry run prints for a package. */
export function planOf(client: MiraklClient, operation: string, { item, carrier }: Package): PlannedCall {
  const lines = item.lines.map((line) => `${line.quantity} x ${line.externalLineId}`).join(', ')
  const by = carrier.kind === 'registered' ? carrier.code : `${carrier.name} (by name)`
  return {
    account: client.gate.account,
    operation,
    target: item.externalOrderId,
    detail: `${by} ${item.trackingNumber}, ${lines}`,
  }
}

/** What is said about a package that was accepted although its carrier is not the operator's own. */
export function noteOf({ carrier }: Package): string | undefined {
  return carrier.kind === 'named' ? `carrier sent by name: ${carrier.name}` : undefined
}
