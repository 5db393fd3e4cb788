import type { SandboxReply } from '../stand-in.ts'
import type { Package, PackageItem } from './order.ts'
import { invalidInput, isRecord, isText, type Json, parseTime } from './wire.ts'

/** Carrier codes that are known to be accepted, spelling included (contract section 4). */
// biome-ignore format: a word list
export const CARRIERS: readonly string[] = [
  'USPS', 'UPS', 'UPSMI', 'FedEx', 'FedEx SmartPost', 'DHL', 'DHL Global Mail', 'DHL eCommerce', 'OnTrac', 'Lasership', 'Newgistics',
  'OSM', 'Amazon Shipping', 'Canada Post', 'Royal Mail', 'DPD', 'GLS', 'Yodel', 'Deutsche Post', 'La Poste', 'Chronopost', 'Aramex',
  'Delhivery', 'BlueDart', 'Other',
]

const BAD_ITEM = 'OrderItemId is invalid'
/** shipDate is a date and a time; 02/21/2022 is the model's own bad example. */
const SHIP_DATE = /^\d{4}-\d{2}-\d{2}T/

export interface Confirmation {
  readonly marketplaceId: string
  readonly cod: boolean
  readonly parcel: Omit<Package, 'createdAt' | 'confirmCalls'>
}

/** The body of confirmShipment, or the 400 that refuses it (contract section 4). */
export function readConfirmation(body: Json, carriers: ReadonlySet<string> | 'any'): Confirmation | SandboxReply {
  const { marketplaceId, packageDetail, codCollectionMethod } = body
  if (!isText(marketplaceId)) return invalidInput('marketplaceId is required.')
  if (!isRecord(packageDetail)) return invalidInput('packageDetail is required.')
  if (codCollectionMethod !== undefined && codCollectionMethod !== 'DirectPayment')
    return invalidInput('codCollectionMethod holds an unknown value.')
  const referenceId = readReference(packageDetail['packageReferenceId'])
  if (typeof referenceId !== 'string') return referenceId
  const { carrierCode, carrierName, shippingMethod, trackingNumber, shipDate, shipFromSupplySourceId } = packageDetail
  const optional = { carrierName, shippingMethod, shipFromSupplySourceId }
  for (const [name, value] of Object.entries(optional)) if (value !== undefined && typeof value !== 'string') return badType(name)
  if (!isText(carrierCode)) return invalidInput('packageDetail.carrierCode is required.')
  if (carriers !== 'any' && !carriers.has(carrierCode))
    return invalidInput(`packageDetail.carrierCode '${carrierCode}' is not a known carrier.`)
  if (carrierCode === 'Other' && !isText(carrierName))
    return invalidInput('packageDetail.carrierName is required when carrierCode is Other.')
  if (!isText(trackingNumber)) return invalidInput('packageDetail.trackingNumber is required.')
  const shippedAt = isText(shipDate) && SHIP_DATE.test(shipDate) ? parseTime(shipDate) : undefined
  if (shippedAt === undefined) return invalidInput('packageDetail.shipDate must be an ISO 8601 date and time.')
  const items = readItems(packageDetail['orderItems'])
  if ('status' in items) return items
  return {
    marketplaceId,
    cod: codCollectionMethod !== undefined,
    parcel: {
      referenceId,
      tracking: trackingNumber,
      carrier: carrierCode,
      carrierName: isText(carrierName) ? carrierName : undefined,
      method: isText(shippingMethod) ? shippingMethod : undefined,
      shippedAt,
      items: items.list,
    },
  }
}

/** A JSON string that holds a positive integer; a bare number is refused (contract section 4). */
function readReference(value: unknown): string | SandboxReply {
  if (value === undefined || value === null) return invalidInput('packageDetail.packageReferenceId is required.')
  if (typeof value !== 'string') return badType('packageReferenceId')
  if (!/^\d*[1-9]\d*$/.test(value)) return invalidInput('', 'PackageReferenceId: is invalid, must be a positive numeric value.')
  return value
}

function badType(field: string): SandboxReply {
  return invalidInput(
    '',
    `The input you have submitted is not valid. Please check the fields with invalid type [packageDetail.${field}].`,
  )
}

function readItems(value: unknown): { readonly list: readonly PackageItem[] } | SandboxReply {
  // One object in place of the list gets the same message as a bad id.
  if (!Array.isArray(value) || value.length === 0) return invalidInput('', BAD_ITEM)
  const byId = new Map<string, PackageItem>()
  for (const each of value as readonly unknown[]) {
    if (!isRecord(each) || !isText(each['orderItemId'])) return invalidInput('', BAD_ITEM)
    const { orderItemId, quantity, transparencyCodes = [] } = each
    if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1)
      return invalidInput('quantity must be a positive integer.')
    if (!Array.isArray(transparencyCodes) || !transparencyCodes.every(isText)) return badType('orderItems.transparencyCodes')
    if (byId.has(orderItemId)) return invalidInput(`Order item ${orderItemId} is named twice.`)
    byId.set(orderItemId, { itemId: orderItemId, quantity, transparencyCodes })
  }
  return { list: [...byId.values()] }
}
