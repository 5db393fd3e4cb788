import type { SandboxReply } from '../stand-in.ts'
import { dateTime7, parseDate } from './los-angeles.ts'
import { addressReply, itemReply } from './order-wire.ts'
import { listQuery, pageOf, pageReply, sorted } from './paging.ts'
import { modelState } from './replies.ts'
import type { Fulfillment, Label, State } from './state.ts'

const USER = '00000000-0000-4000-8000-000000000001'
const EMPTY = { weight: { value: 0, units: 'ounces' }, dimensions: null }

/** GET /shipments: labels made here, voided ones too, marks never (contract section 7). */
export function listShipments(state: State, parameters: URLSearchParams): SandboxReply {
  const query = listQuery(parameters)
  const orderNumber = query.text('orderNumber')
  const orderId = query.number('orderId')
  const tracking = query.text('trackingNumber')
  const carrierCode = query.text('carrierCode')
  const serviceCode = query.text('serviceCode')
  const storeId = query.number('storeId')
  const batch = query.number('batchId')
  const name = query.text('recipientName')?.toLowerCase()
  const country = query.text('recipientCountryCode')?.toUpperCase()
  const created = query.range('createDate')
  const shipped = query.range('shipDate')
  const voided = query.range('voidDate')
  const withItems = query.flag('includeShipmentItems')
  const byShipDate = query.oneOf('sortBy', ['ShipDate', 'CreateDate']) === 'ShipDate'
  const descending = query.oneOf('sortDir', ['ASC', 'DESC']) === 'DESC'
  const found = state.labels.filter(
    (label) =>
      (orderNumber === undefined || label.order?.orderNumber === orderNumber) &&
      (orderId === undefined || label.order?.orderId === orderId) &&
      (tracking === undefined || label.tracking === tracking) &&
      (carrierCode === undefined || label.carrierCode === carrierCode) &&
      (serviceCode === undefined || label.serviceCode === serviceCode) &&
      (storeId === undefined || label.order?.storeId === storeId) &&
      (batch === undefined || label.batch === batch) &&
      (name === undefined || recipient(label).toLowerCase().includes(name)) &&
      (country === undefined || label.order?.document.shipTo?.['country'] === country) &&
      (created === undefined || created(label.createdAt)) &&
      (shipped === undefined || shipped(parseDate(label.shipDate))) &&
      (voided === undefined || voided(label.voidedAt ?? undefined)),
  )
  const by = (label: Label) => (byShipDate ? (parseDate(label.shipDate) ?? 0) : label.createdAt)
  const page = pageOf(
    query,
    sorted(found, { by, descending }, (label) => label.shipmentId),
  )
  if (Object.keys(query.problems).length > 0) return modelState(query.problems)
  const rows = page.rows.map((label) => shipmentReply(label, withItems))
  return pageReply('shipments', rows, page, state.pagesZero || page.pages < 2)
}

function recipient(label: Label): string {
  return String(label.order?.document.shipTo?.['name'] ?? '')
}

function shipmentReply(label: Label, withItems: boolean): unknown {
  const { order } = label
  return {
    shipmentId: label.shipmentId,
    orderId: order?.orderId ?? null,
    orderKey: order?.orderKey ?? null,
    userId: USER,
    customerEmail: order?.document['customerEmail'] ?? null,
    orderNumber: order?.orderNumber ?? null,
    createDate: dateTime7(label.createdAt),
    shipDate: label.shipDate,
    shipmentCost: 7.5,
    insuranceCost: 0,
    trackingNumber: label.tracking,
    isReturnLabel: label.isReturn,
    batchNumber: String(label.batch),
    carrierCode: label.carrierCode,
    serviceCode: label.serviceCode,
    packageCode: 'package',
    confirmation: 'delivery',
    warehouseId: order === null ? null : 16_079,
    voided: label.voidedAt !== null,
    voidDate: label.voidedAt === null ? null : dateTime7(label.voidedAt),
    marketplaceNotified: false,
    notifyErrorMessage: null,
    shipTo: order === null ? { name: 'Walk-in Sample', country: 'US' } : addressReply(order),
    ...EMPTY,
    insuranceOptions: null,
    advancedOptions: order === null ? null : { storeId: order.storeId },
    shipmentItems: withItems ? (label.items?.map(({ item, quantity }) => itemReply(item, quantity)) ?? null) : null,
    labelData: null,
    formData: null,
  }
}

/** GET /fulfillments: orders marked as shipped. No store filter, no orderKey (contract section 7). */
export function listFulfillments(state: State, parameters: URLSearchParams): SandboxReply {
  const query = listQuery(parameters)
  const id = query.number('fulfillmentId')
  const orderId = query.number('orderId')
  const orderNumber = query.text('orderNumber')
  const tracking = query.text('trackingNumber')
  const name = query.text('recipientName')?.toLowerCase()
  const created = query.range('createDate')
  const shipped = query.range('shipDate')
  const byShipDate = query.oneOf('sortBy', ['ShipDate', 'CreateDate']) === 'ShipDate'
  const descending = query.oneOf('sortDir', ['ASC', 'DESC']) === 'DESC'
  const found = state.fulfillments.filter(
    (one) =>
      (id === undefined || one.fulfillmentId === id) &&
      (orderId === undefined || one.order.orderId === orderId) &&
      (orderNumber === undefined || one.order.orderNumber === orderNumber) &&
      (tracking === undefined || one.tracking === tracking) &&
      (name === undefined ||
        String(one.order.document.shipTo?.['name'] ?? '')
          .toLowerCase()
          .includes(name)) &&
      (created === undefined || created(one.createdAt)) &&
      (shipped === undefined || shipped(parseDate(one.shipDate))),
  )
  const by = (one: Fulfillment) => (byShipDate ? (parseDate(one.shipDate) ?? 0) : one.createdAt)
  const page = pageOf(
    query,
    sorted(found, { by, descending }, (one) => one.fulfillmentId),
  )
  if (Object.keys(query.problems).length > 0) return modelState(query.problems)
  return pageReply('fulfillments', page.rows.map(fulfillmentReply), page, state.pagesZero || page.pages < 2)
}

function fulfillmentReply(one: Fulfillment): unknown {
  return {
    fulfillmentId: one.fulfillmentId,
    orderId: one.order.orderId,
    orderNumber: one.order.orderNumber,
    userId: USER,
    customerEmail: one.order.document['customerEmail'] ?? null,
    trackingNumber: one.tracking,
    createDate: dateTime7(one.createdAt),
    shipDate: one.shipDate,
    voidDate: null,
    deliveryDate: null,
    carrierCode: one.carrierName,
    fulfillmentProviderCode: null,
    fulfillmentServiceCode: null,
    fulfillmentFee: 0,
    voidRequested: false,
    voided: false,
    marketplaceNotified: false,
    notifyErrorMessage: null,
    shipTo: addressReply(one.order),
  }
}
