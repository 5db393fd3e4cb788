import { jsonOf } from '../http/json.ts'
import type { MiraklClient, MiraklRequest } from './client.ts'
import { wirePlatform } from './wire.ts'

/** What the operator has switched on, as far as it concerns us. Undefined: it does not say. */
export interface Platform {
  readonly multiShipment?: boolean
  /** Carriers that are not the operator's own are refused. */
  readonly onlyOwnCarriers?: boolean
  readonly acceptance?: 'AUTOMATIC' | 'NOT_AUTOMATIC' | 'BOTH'
  readonly taxMode?: string
}

/** PC01. Undefined where the marketplace does not tell a seller: an older platform, or a role without the right. */
export async function readPlatform(client: MiraklClient, signal: AbortSignal): Promise<Platform | undefined> {
  const request: MiraklRequest = {
    operation: 'PC01',
    method: 'GET',
    path: '/api/platform/configuration',
    expect: [400, 403, 404, 405, 410],
  }
  const answer = await client.send(request, signal)
  const features = answer.status < 300 ? wirePlatform.safeParse(jsonOf(answer)).data?.features : undefined
  if (features === undefined) return undefined
  const { shipment, disable_seller_alternative_carrier: closed, order_workflows: workflows, order_tax_mode: taxMode } = features
  return {
    ...(shipment?.multi_shipment == null ? {} : { multiShipment: shipment.multi_shipment }),
    ...(closed == null ? {} : { onlyOwnCarriers: closed }),
    ...(workflows?.order_acceptance == null ? {} : { acceptance: workflows.order_acceptance }),
    ...(taxMode == null ? {} : { taxMode }),
  }
}
