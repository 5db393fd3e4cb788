import { dateOnly, dateTime7, parseDate } from './los-angeles.ts'
import type { ModelState } from './replies.ts'
import type { OrderDocument } from './state.ts'

/** Turns one JSON value into what is kept; complaints are those of the vendor's model binding (contract section 11). */
type Reader = (value: unknown, path: string, problems: ModelState) => unknown
type Shape = Readonly<Record<string, Reader>>

export const STATUSES: readonly string[] = [
  'awaiting_payment',
  'awaiting_shipment',
  'pending_fulfillment',
  'shipped',
  'on_hold',
  'cancelled',
  'rejected_fulfillment',
]

// The caps are those of contract section 5. What V1 does beyond them is not known; cutting in silence is the worse case for a client.
const ADDRESS: Shape = {
  name: text(100),
  company: text(100),
  street1: text(200),
  street2: text(200),
  street3: text(200),
  city: text(),
  state: text(),
  postalCode: text(),
  country: text(),
  phone: text(),
  residential: flag(),
}

const WEIGHT: Shape = { value: amount(), units: text() }

const ITEM: Shape = {
  lineItemKey: text(),
  sku: text(100),
  name: text(200),
  imageUrl: text(500),
  weight: object(WEIGHT),
  quantity: whole(),
  unitPrice: amount(),
  taxAmount: amount(),
  shippingAmount: amount(),
  warehouseLocation: text(),
  options: list(object({ name: text(), value: text() })),
  productId: whole(),
  fulfillmentSku: text(400),
  adjustment: flag(),
  upc: text(100),
}

const ADVANCED: Shape = {
  warehouseId: whole(),
  nonMachinable: flag(),
  saturdayDelivery: flag(),
  containsAlcohol: flag(),
  storeId: whole(),
  customField1: text(100),
  customField2: text(100),
  customField3: text(100),
  source: text(50),
  billToParty: text(),
  billToAccount: text(),
  billToPostalCode: text(),
  billToCountryCode: text(),
  billToMyOtherAccount: whole(),
}

const ORDER: Shape = {
  orderId: whole(),
  orderNumber: text(),
  orderKey: text(),
  orderDate: date(dateTime7),
  paymentDate: date(dateTime7),
  shipByDate: date(dateTime7),
  orderStatus: status(),
  customerUsername: text(),
  customerEmail: text(),
  billTo: object(ADDRESS),
  shipTo: object(ADDRESS),
  items: list(object(ITEM)),
  amountPaid: amount(),
  taxAmount: amount(),
  shippingAmount: amount(),
  customerNotes: text(1000),
  internalNotes: text(1000),
  gift: flag(),
  giftMessage: text(1000),
  paymentMethod: text(50),
  requestedShippingService: text(),
  carrierCode: text(),
  serviceCode: text(),
  packageCode: text(),
  confirmation: text(),
  shipDate: date(dateOnly),
  weight: object(WEIGHT),
  dimensions: object({ length: amount(), width: amount(), height: amount(), units: text() }),
  insuranceOptions: object({ provider: text(), insureShipment: flag(), insuredValue: amount() }),
  internationalOptions: object({
    contents: text(),
    nonDelivery: text(),
    customsItems: list(
      object({ description: text(), quantity: whole(), value: amount(), harmonizedTariffCode: text(), countryOfOrigin: text() }),
    ),
  }),
  advancedOptions: object(ADVANCED),
  tagIds: list(whole()),
}

/** One order of a write call; fields that are not known are left out, absent ones are null (contract section 5). */
export function readOrder(value: unknown, path: string, problems: ModelState): OrderDocument {
  return (object(ORDER)(value, path, problems) ?? object(ORDER)({}, path, problems)) as OrderDocument
}

function complain(problems: ModelState, path: string, text: string): null {
  problems[path] = [...(problems[path] ?? []), text]
  return null
}

function unreadable(value: unknown, type: string, path: string, problems: ModelState): null {
  return complain(problems, path, `Error converting value ${JSON.stringify(value)} to type '${type}'. Path '${path}'.`)
}

function text(cap = Number.POSITIVE_INFINITY): Reader {
  return (value, path, problems) => {
    if (value === undefined || value === null) return null
    if (typeof value === 'object') return unreadable(value, 'System.String', path, problems)
    return String(value).slice(0, cap)
  }
}

function amount(): Reader {
  return (value, path, problems) => {
    if (value === undefined || value === null || value === '') return null
    const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
    return Number.isFinite(number) ? number : unreadable(value, 'System.Decimal', path, problems)
  }
}

function whole(): Reader {
  return (value, path, problems) => {
    if (value === undefined || value === null || value === '') return null
    const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
    return Number.isInteger(number) ? number : unreadable(value, 'System.Int32', path, problems)
  }
}

function flag(): Reader {
  return (value, path, problems) => {
    if (value === undefined || value === null || value === '') return null
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    return unreadable(value, 'System.Boolean', path, problems)
  }
}

function date(format: (instant: number) => string): Reader {
  return (value, path, problems) => {
    if (value === undefined || value === null || value === '') return null
    const instant = typeof value === 'string' ? parseDate(value) : undefined
    return instant === undefined ? unreadable(value, 'System.DateTime', path, problems) : format(instant)
  }
}

function status(): Reader {
  return (value, path, problems) => {
    if (value === undefined || value === null || value === '') return null
    if (typeof value === 'string' && STATUSES.includes(value)) return value
    return unreadable(value, 'OrderStatus', path, problems)
  }
}

function object(shape: Shape): Reader {
  return (value, path, problems) => {
    if (value === undefined || value === null) return null
    if (typeof value !== 'object' || Array.isArray(value)) {
      return complain(problems, path, 'Cannot deserialize the current JSON value because the type requires a JSON object.')
    }
    const given = value as Record<string, unknown>
    const kept: Record<string, unknown> = {}
    for (const [name, read] of Object.entries(shape)) kept[name] = read(given[name], `${path}.${name}`, problems)
    return kept
  }
}

function list(read: Reader): Reader {
  return (value, path, problems) => {
    if (value === undefined || value === null) return null
    if (!Array.isArray(value)) {
      return complain(problems, path, 'Cannot deserialize the current JSON value because the type requires a JSON array.')
    }
    return value.map((one, i) => read(one, `${path}[${i}]`, problems)).filter((one) => one !== null)
  }
}
