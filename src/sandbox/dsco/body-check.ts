import { isRecord, isWhole, type Json, listOf, type Message, parseTime, problem } from './wire.ts'

type Kind = 'text' | 'text?' | 'time?' | 'whole' | 'whole?' | 'number?' | 'flag?' | 'flag!?'

/** What a field may be: `?` may be absent, and null as well where the model has it nullable. */
function fits(value: unknown, kind: Kind): boolean {
  if (value === undefined) return kind.endsWith('?')
  if (value === null) return kind.endsWith('?') && kind !== 'flag!?'
  switch (kind) {
    case 'text':
    case 'text?':
      return typeof value === 'string'
    case 'time?':
      return parseTime(value) !== undefined
    case 'whole':
    case 'whole?':
      return isWhole(value)
    case 'number?':
      return typeof value === 'number'
    default:
      return typeof value === 'boolean'
  }
}

function complaints(where: string, value: Json, shape: Readonly<Record<string, Kind>>): readonly Message[] {
  return Object.entries(shape)
    .filter(([key, kind]) => !fits(value[key], kind))
    .map(([key, kind]) => problem('validation_error', `${where}.${key}: ${kind.replace(/[?!]/g, '')} expected`))
}

const SHIPMENTS = { dscoOrderId: 'text?', poNumber: 'text?', supplierOrderNumber: 'text?' } as const
// biome-ignore format: a table
const SHIPMENT = {
  trackingNumber: 'text', trackingUrl: 'text?', shipCost: 'number?', shipDate: 'time?', currencyCode: 'text?', shipCarrier: 'text?', shipMethod: 'text?',
  shippingServiceLevelCode: 'text?', shipWeight: 'number?', shipWeightUnits: 'text?', warehouseCode: 'text?', untracked: 'flag!?',
} as const
// biome-ignore format: a table
const SHIPPED_LINE = {
  quantity: 'whole', lineNumber: 'whole?', sku: 'text?', dscoItemId: 'text?', partnerSku: 'text?', upc: 'text?', ean: 'text?', packageSpanFlag: 'flag?',
} as const
const INVENTORY = {
  sku: 'text',
  quantityAvailable: 'whole?',
  status: 'text?',
  cost: 'number?',
  title: 'text?',
  currencyCode: 'text?',
  estimatedAvailabilityDate: 'time?',
  quantityOnOrder: 'whole?',
} as const
const WAREHOUSE = { code: 'text', quantity: 'whole?', cost: 'number?', quantityOnOrder: 'whole?' } as const
const STATUSES = ['in-stock', 'out-of-stock', 'discontinued', 'hidden']
const SKU_LENGTH = 90

/** What is wrong with a ShipmentsForUpdate by the model's letter. One such object, and the whole batch is refused (contract section 6). */
export function checkShipments(value: unknown, where: string): readonly Message[] {
  if (!isRecord(value)) return [problem('validation_error', `${where}: an object expected`)]
  if (!Array.isArray(value['shipments'])) return [problem('validation_error', `${where}.shipments: a list expected`)]
  const inside = listOf(value['shipments']).flatMap((shipment, i) => {
    const place = `${where}.shipments[${i}]`
    if (!isRecord(shipment)) return [problem('validation_error', `${place}: an object expected`)]
    if (!Array.isArray(shipment['lineItems'])) return [problem('validation_error', `${place}.lineItems: a list expected`)]
    const lines = listOf(shipment['lineItems']).flatMap((line, j) =>
      isRecord(line)
        ? complaints(`${place}.lineItems[${j}]`, line, SHIPPED_LINE)
        : [problem('validation_error', `${place}.lineItems[${j}]: an object expected`)],
    )
    return [...complaints(place, shipment, SHIPMENT), ...lines]
  })
  return [...complaints(where, value, SHIPMENTS), ...inside]
}

export function checkOrderId(value: unknown, where: string): readonly Message[] {
  if (!isRecord(value)) return [problem('validation_error', `${where}: an object expected`)]
  const { id, type, supplierOrderNumber } = value
  const isId = typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id))
  const isType = type === 'DSCO_ORDER_ID' || type === 'PO_NUMBER' || type === 'SUPPLIER_ORDER_NUMBER'
  const isNumber = supplierOrderNumber === undefined || typeof supplierOrderNumber === 'string'
  return [
    ...(isId ? [] : [problem('validation_error', `${where}.id: a text or a whole number expected`)]),
    ...(isType ? [] : [problem('validation_error', `${where}.type: unknown`)]),
    ...(isNumber ? [] : [problem('validation_error', `${where}.supplierOrderNumber: text expected`)]),
  ]
}

export function checkInventory(value: unknown, where: string): readonly Message[] {
  if (!isRecord(value)) return [problem('validation_error', `${where}: an object expected`)]
  const { sku, status, warehouses } = value
  const isTooLong = typeof sku === 'string' && sku.length > SKU_LENGTH
  const isStatus = status === undefined || STATUSES.some((one) => one === status)
  const inside = Array.isArray(warehouses)
    ? listOf(warehouses).flatMap((warehouse, i) =>
        isRecord(warehouse)
          ? complaints(`${where}.warehouses[${i}]`, warehouse, WAREHOUSE)
          : [problem('validation_error', `${where}.warehouses[${i}]: an object expected`)],
      )
    : [problem('validation_error', `${where}.warehouses: a list expected`)]
  return [
    ...complaints(where, value, INVENTORY),
    ...(isTooLong ? [problem('validation_error', `${where}.sku: at most ${SKU_LENGTH} characters`)] : []),
    ...(isStatus ? [] : [problem('validation_error', `${where}.status: unknown`)]),
    ...inside,
  ]
}
