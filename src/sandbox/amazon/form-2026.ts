import { isZero, sum } from '../money.ts'
import { charges, grandTotal, lineTotal } from './charges.ts'
import { marketplaceOf } from './marketplaces.ts'
import { type Address, isPending, type Order, type OrderItem, type Package, unfulfilled, type Window } from './order.ts'
import { isoMs, isRecord, type Json, mergePatch } from './wire.ts'

/** includedData values of v2026-01-01, in model order (contract section 2). */
export const PARTS = [
  'BUYER',
  'RECIPIENT',
  'PROCEEDS',
  'EXPENSE',
  'PROMOTION',
  'CANCELLATION',
  'FULFILLMENT',
  'PACKAGES',
  'TAX',
  'PAYMENT',
  'FULFILLMENT_ORDERS',
] as const

export type Part = (typeof PARTS)[number]

const ORDER_PARTS: Readonly<Record<string, Part>> = {
  buyer: 'BUYER',
  recipient: 'RECIPIENT',
  proceeds: 'PROCEEDS',
  fulfillment: 'FULFILLMENT',
  packages: 'PACKAGES',
  tax: 'TAX',
  payment: 'PAYMENT',
  fulfillmentOrders: 'FULFILLMENT_ORDERS',
}

const ITEM_PARTS: Readonly<Record<string, Part>> = {
  proceeds: 'PROCEEDS',
  expense: 'EXPENSE',
  promotion: 'PROMOTION',
  cancellation: 'CANCELLATION',
  fulfillment: 'FULFILLMENT',
  tax: 'TAX',
}

interface View {
  readonly now: number
  /** The app holds the restricted role; without it the fields are just absent (contract section 1). */
  readonly pii: boolean
}

/** An order as v2026-01-01 shows it, with the asked parts only. The seed's `wire` is merged in before parts are taken out. */
export function order2026(order: Order, parts: ReadonlySet<Part>, view: View): Json {
  const whole = mergePatch(complete(order, view), order.wire ?? {})
  if (!isRecord(whole)) return {}
  const shown = keep(whole, ORDER_PARTS, parts)
  const items = shown['orderItems']
  if (!Array.isArray(items)) return shown
  return { ...shown, orderItems: items.map((item: unknown) => (isRecord(item) ? keep(item, ITEM_PARTS, parts) : item)) }
}

function keep(whole: Json, partOf: Readonly<Record<string, Part>>, parts: ReadonlySet<Part>): Json {
  const entries = Object.entries(whole).filter(([key, value]) => {
    const part = partOf[key]
    return value !== undefined && (part === undefined || parts.has(part))
  })
  return Object.fromEntries(entries)
}

function complete(order: Order, view: View): Json {
  const marketplace = marketplaceOf(order.marketplaceId)
  const pending = isPending(order)
  return {
    orderId: order.id,
    orderAliases:
      order.sellerOrderId === undefined ? undefined : [{ aliasId: order.sellerOrderId, aliasType: 'SELLER_ORDER_ID' }],
    createdTime: isoMs(order.createdAt),
    lastUpdatedTime: isoMs(order.updatedAt),
    programs: order.programs,
    associatedOrders:
      order.replaces === undefined ? undefined : [{ orderId: order.replaces, associationType: 'REPLACEMENT_ORIGINAL_ID' }],
    salesChannel: { channelName: 'AMAZON', marketplaceId: order.marketplaceId, marketplaceName: marketplace?.site },
    buyer: buyer(order, view),
    recipient: pending ? undefined : recipient(order, view),
    proceeds: pending ? undefined : proceeds(order),
    payment: pending ? undefined : payment(order),
    fulfillment: {
      fulfillmentStatus: order.status,
      fulfilledBy: order.fulfilledBy,
      fulfillmentServiceLevel: order.serviceLevel,
      shipByWindow: window(order.shipBy),
      deliverByWindow: window(order.deliverBy),
    },
    orderItems: order.items.map((item) => orderItem(order, item, view)),
    packages: order.fulfilledBy === 'MERCHANT' && order.packages.length > 0 ? order.packages.map(orderPackage) : undefined,
  }
}

function window({ earliest, latest }: Window): Json {
  return { earliestDateTime: isoMs(earliest), latestDateTime: isoMs(latest) }
}

function buyer(order: Order, view: View): Json | undefined {
  return nonEmpty({
    buyerName: view.pii && !isPending(order) ? order.buyer.name : undefined,
    buyerEmail: view.pii ? buyerEmail(order) : undefined,
    buyerCompanyName: isPending(order) ? undefined : order.buyer.company,
    buyerPurchaseOrderNumber: isPending(order) ? undefined : order.buyer.purchaseOrder,
  })
}

/** MFN only, and only in three states (contract section 1). */
export function buyerEmail(order: Order): string | undefined {
  const open = ['UNSHIPPED', 'PARTIALLY_SHIPPED', 'SHIPPED'].includes(order.status)
  return order.fulfilledBy === 'MERCHANT' && open ? order.buyer.email : undefined
}

/** Dropped for AFN and for shipped orders past the latest delivery date (contract section 1). */
export function phone(order: Order, address: Address, now: number): string | undefined {
  const late = order.status === 'SHIPPED' && now > order.deliverBy.latest
  return order.fulfilledBy === 'AMAZON' || late ? undefined : address.phone
}

function recipient(order: Order, view: View): Json | undefined {
  return nonEmpty({
    deliveryAddress: order.shipTo === undefined ? undefined : deliveryAddress(order, order.shipTo, view),
    deliveryPreference: nonEmpty({ dropOffLocation: order.dropOff, addressInstruction: order.instruction }),
  })
}

function deliveryAddress(order: Order, address: Address, view: View): Json | undefined {
  const personal = view.pii
    ? {
        name: address.name,
        addressLine1: address.line1,
        addressLine2: address.line2,
        addressLine3: address.line3,
        postalCode: address.postal,
        phone: phone(order, address, view.now),
      }
    : {}
  return nonEmpty({
    ...personal,
    companyName: address.company,
    city: address.city,
    stateOrRegion: address.state,
    countryCode: address.country,
    addressType: address.type,
  })
}

function money(order: Order, amount: string): Json {
  return { amount, currencyCode: order.currency }
}

function proceeds(order: Order): Json {
  return {
    grandTotal: money(order, grandTotal(order)),
    breakdowns: order.orderBreakdowns ? orderBreakdowns(order) : undefined,
  }
}

function orderBreakdowns(order: Order): readonly Json[] {
  const byType = new Map<string, string[]>()
  for (const [type, amount] of order.items.flatMap(charges)) byType.set(type, [...(byType.get(type) ?? []), amount])
  const aggregated = [...byType].map(([type, amounts]) => ({ type, subtotal: money(order, sum(amounts)) }))
  if (isZero(order.tip)) return aggregated
  return [...aggregated, { type: 'DELIVERY_TIP', status: 'FINALIZED', subtotal: money(order, order.tip) }]
}

function payment(order: Order): Json {
  return { paymentExecutions: [{ paymentMethod: order.paymentMethod, paymentAmount: money(order, grandTotal(order)) }] }
}

function orderItem(order: Order, item: OrderItem, view: View): Json {
  const pending = isPending(order)
  return {
    orderItemId: item.id,
    quantityOrdered: item.quantity,
    programs: item.programs.length > 0 ? item.programs : undefined,
    product: {
      asin: item.asin,
      title: item.title,
      sellerSku: item.sku,
      condition: { conditionType: 'NEW', conditionSubtype: 'NEW' },
      price: pending ? undefined : { unitPrice: money(order, item.unitPrice) },
      customization: view.pii && item.customizedUrl !== undefined ? { customizedUrl: item.customizedUrl } : undefined,
    },
    proceeds: pending ? undefined : itemProceeds(order, item),
    promotion: item.promotionId === undefined ? undefined : { breakdowns: [{ promotionId: item.promotionId }] },
    cancellation: cancellation(item),
    fulfillment: {
      quantityFulfilled: item.shipped,
      quantityUnfulfilled: unfulfilled(item),
      packing: pending || item.gift === undefined ? undefined : packing(item.gift, view.pii),
    },
  }
}

function itemProceeds(order: Order, item: OrderItem): Json {
  return {
    proceedsTotal: money(order, lineTotal(item)),
    breakdowns: charges(item).map(([type, amount]) => ({
      type,
      subtotal: money(order, amount),
      detailedBreakdowns: type === 'TAX' ? [{ subtype: 'ITEM', value: money(order, amount) }] : undefined,
    })),
  }
}

/** The middle objects are the model's; the vendor's migration table leaves them out (contract section 2, rule 6). */
function cancellation(item: OrderItem): Json | undefined {
  return nonEmpty({
    cancellationRequest: item.cancelRequest === undefined ? undefined : { requester: 'BUYER', cancelReason: item.cancelRequest },
    cancellationExecution: item.cancelledBy === undefined ? undefined : { cancelledBy: item.cancelledBy },
  })
}

function packing(gift: NonNullable<OrderItem['gift']>, pii: boolean): Json | undefined {
  const giftOption = nonEmpty({ giftMessage: pii ? gift.message : undefined, giftWrapLevel: gift.wrap })
  return giftOption === undefined ? undefined : { giftOption }
}

/** detailedStatus is often missing, and is here (contract section 4). */
function orderPackage(parcel: Package): Json {
  return {
    packageReferenceId: parcel.referenceId,
    createdTime: isoMs(parcel.createdAt),
    packageStatus: { status: 'SHIPPED' },
    carrier: parcel.carrierName ?? parcel.carrier,
    shipTime: isoMs(parcel.shippedAt),
    shippingService: parcel.method,
    trackingNumber: parcel.tracking,
    packageItems: parcel.items.map(({ itemId, quantity, transparencyCodes }) => ({
      orderItemId: itemId,
      quantity,
      transparencyCodes: transparencyCodes.length > 0 ? transparencyCodes : undefined,
    })),
  }
}

export function nonEmpty(value: Json): Json | undefined {
  return Object.values(value).some((each) => each !== undefined) ? value : undefined
}
