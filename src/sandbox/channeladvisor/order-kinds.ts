import { isZero, negate, sumInCents, times } from '../money.ts'
import type { Field, Kind, Scalar } from './odata-kind.ts'
import {
  CHECKOUTS,
  DELIVERIES,
  FULFILLMENT_TYPES,
  type Fulfillment,
  hasUserData,
  type Line,
  type Order,
  PAYMENTS,
  type Promotion,
  ROLLUPS,
  rollup,
  SHIPPINGS,
  shippingStatus,
  TAX_TYPES,
} from './order.ts'
import { utcText } from './wire.ts'

interface OwnedLine {
  readonly order: Order
  readonly line: Line
}

export interface OwnedFulfillment {
  readonly order: Order
  readonly fulfillment: Fulfillment
}

interface OwnedEntry extends OwnedFulfillment {
  readonly line: Line
  readonly id: number
  readonly quantity: number
}

interface OwnedPromotion extends OwnedLine {
  readonly promotion: Promotion
}

function text<T>(of: (entity: T) => string | null): Field<T> {
  return { type: 'string', of }
}

function int<T>(of: (entity: T) => number | null): Field<T> {
  return { type: 'int', of }
}

function amount<T>(of: (entity: T) => string | null): Field<T> {
  return { type: 'decimal', of }
}

/** Taken out of an order after its time (contract section 9). */
function personal(of: (order: Order) => string | null): Field<Order> {
  return { type: 'string', of: (order, now) => (hasUserData(order, now) ? of(order) : null) }
}

function orderTime(of: (order: Order) => number | null): Field<Order> {
  return { type: 'date', of: (order) => time(of(order), order.id) }
}

function time(at: number | null, salt: number): Scalar {
  return at === null ? null : utcText(at, salt)
}

const NO_MEMBERS: Kind<unknown> = { set: 'Adjustments', fields: { ID: { type: 'int', of: () => null } }, links: {} }
const NONE = { to: () => NO_MEMBERS, of: () => [] }

export const ORDERS: Kind<Order> = {
  set: 'Orders',
  fields: {
    ID: int(({ id }) => id),
    ProfileID: int(({ profileId }) => profileId),
    SiteID: int(({ siteId }) => siteId),
    SiteName: text(({ siteName }) => siteName),
    SiteAccountID: int(({ siteAccountId }) => siteAccountId),
    SiteOrderID: text(({ siteOrderId }) => siteOrderId),
    SecondarySiteOrderID: text(({ secondarySiteOrderId }) => secondarySiteOrderId),
    SellerOrderID: text(({ sellerOrderId }) => sellerOrderId),
    // A byte in the model, not a boolean.
    UserDataPresent: { type: 'int', of: (order, now) => (hasUserData(order, now) ? 1 : 0) },
    UserDataRemovalDateUTC: orderTime(({ userDataEndsAt }) => userDataEndsAt),
    CreatedDateUtc: orderTime(({ createdAt }) => createdAt),
    ImportDateUtc: orderTime(({ importedAt }) => importedAt),
    UpdatedDateUtc: orderTime(({ updatedAt }) => updatedAt),
    PublicNotes: text(({ publicNotes }) => publicNotes),
    PrivateNotes: text(({ privateNotes }) => privateNotes),
    SpecialInstructions: text(({ instructions }) => instructions),
    Currency: text(({ currency }) => currency),
    TotalPrice: amount(totalOf),
    TotalTaxPrice: amount(({ lines, shippingTax }) => sumInCents([...lines.map(({ tax }) => tax), shippingTax])),
    TotalShippingPrice: amount(({ shippingPrice }) => shippingPrice),
    TotalShippingTaxPrice: amount(({ shippingTax }) => shippingTax),
    TotalInsurancePrice: amount(() => '0.00'),
    TotalGiftOptionPrice: amount(() => '0.00'),
    TotalGiftOptionTaxPrice: amount(() => '0.00'),
    AdditionalCostOrDiscount: amount(() => '0.00'),
    PromotionCode: text(({ promotion }) => promotion?.code ?? null),
    PromotionAmount: amount(({ promotion }) => promotion?.amount ?? null),
    EstimatedShipDateUtc: orderTime(({ estimatedShipAt }) => estimatedShipAt),
    DeliverByDateUtc: orderTime(({ deliverByAt }) => deliverByAt),
    RequestedShippingCarrier: text(({ carrier }) => carrier),
    RequestedShippingClass: text(({ shippingClass }) => shippingClass),
    CheckoutStatus: { type: CHECKOUTS, of: ({ checkout }) => checkout },
    PaymentStatus: { type: PAYMENTS, of: ({ payment }) => payment },
    ShippingStatus: { type: SHIPPINGS, of: (order) => shippingStatus(order) },
    DistributionCenterTypeRollup: { type: ROLLUPS, of: (order) => rollup(order) },
    OrderTaxType: { type: TAX_TYPES, of: ({ taxType }) => taxType },
    ShippingTaxType: { type: TAX_TYPES, of: ({ taxType }) => taxType },
    BuyerUserId: text(({ buyerId }) => buyerId),
    BuyerEmailAddress: personal(({ email }) => email),
    ShippingFirstName: personal(({ shipTo }) => shipTo.first),
    ShippingLastName: personal(({ shipTo }) => shipTo.last),
    ShippingCompanyName: personal(({ shipTo }) => shipTo.company),
    ShippingDaytimePhone: personal(({ shipTo }) => shipTo.phone),
    ShippingEveningPhone: personal(() => null),
    ShippingAddressLine1: personal(({ shipTo }) => shipTo.line1),
    ShippingAddressLine2: personal(({ shipTo }) => shipTo.line2),
    ShippingCity: personal(({ shipTo }) => shipTo.city),
    ShippingStateOrProvince: personal(({ shipTo }) => shipTo.state),
    ShippingStateOrProvinceName: personal(({ shipTo }) => shipTo.stateName),
    ShippingPostalCode: personal(({ shipTo }) => shipTo.postal),
    ShippingCountry: personal(({ shipTo }) => shipTo.country),
    BillingFirstName: personal(({ shipTo }) => shipTo.first),
    BillingLastName: personal(({ shipTo }) => shipTo.last),
  },
  links: {
    Items: { to: () => ITEMS, of: linesOf, path: ({ id }) => `Orders(${id})/Items` },
    Fulfillments: { to: () => FULFILLMENTS, of: fulfillmentsOf, path: ({ id }) => `Orders(${id})/Fulfillments` },
    CustomFields: {
      to: () => CUSTOM_FIELDS,
      of: (order) => order.customFields.map(({ id, value }) => ({ order, id, value })),
    },
    Adjustments: NONE,
  },
  patch: ({ wire }) => wire,
}

/** With the tax, unless it is inside the prices already. */
function totalOf({ lines, shippingPrice, shippingTax, taxType, promotion }: Order): string {
  const prices = [...lines.map(({ price, quantity }) => times(price, quantity)), shippingPrice]
  const taxes = taxType === 'InclusiveVat' ? [] : [...lines.map(({ tax }) => tax), shippingTax]
  const less = promotion === undefined || isZero(promotion.amount) ? [] : [promotion.amount]
  const fromLines = lines.flatMap(({ promotions }) => promotions.map((each) => each.amount))
  return sumInCents([...prices, ...taxes, ...less, ...fromLines])
}

/** What a promotion takes off is negative on the wire. */
export function reduction(units: string): string {
  return isZero(units) || units.startsWith('-') ? units : negate(units)
}

export function linesOf(order: Order): readonly OwnedLine[] {
  return order.lines.map((line) => ({ order, line }))
}

export function fulfillmentsOf(order: Order): readonly OwnedFulfillment[] {
  return order.fulfillments.map((fulfillment) => ({ order, fulfillment }))
}

export const ITEMS: Kind<OwnedLine> = {
  set: 'OrderItems',
  fields: {
    ID: int(({ line }) => line.id),
    ProfileID: int(({ order }) => order.profileId),
    OrderID: int(({ order }) => order.id),
    ProductID: int(({ line }) => line.productId),
    SiteOrderItemID: text(({ line }) => line.siteItemId),
    SellerOrderItemID: text(() => null),
    SiteListingID: text(({ line }) => `L${line.siteItemId}`),
    Sku: text(({ line }) => line.sku),
    Title: text(({ line }) => line.title),
    Quantity: int(({ line }) => line.quantity),
    UnitPrice: amount(({ line }) => line.price),
    TaxPrice: amount(({ line }) => line.tax),
    ShippingPrice: amount(({ line }) => line.shipping),
    ShippingTaxPrice: amount(() => '0.00'),
    RecyclingFee: amount(() => '0.00'),
    GiftMessage: text(({ line }) => line.giftMessage),
    GiftNotes: text(({ line }) => line.giftNotes),
    GiftPrice: amount(() => '0.00'),
    GiftTaxPrice: amount(() => '0.00'),
    IsBundle: { type: 'boolean', of: ({ line }) => line.isBundle },
    HarmonizedCode: text(() => null),
  },
  links: {
    Promotions: {
      to: () => PROMOTIONS,
      of: ({ order, line }) => line.promotions.map((promotion) => ({ order, line, promotion })),
    },
    FulfillmentItems: {
      to: () => ENTRIES,
      of: ({ order, line }) => fulfillmentsOf(order).flatMap((owned) => entriesOf(owned).filter((entry) => entry.line === line)),
    },
    Adjustments: NONE,
    BundleComponents: NONE,
  },
}

const PROMOTIONS: Kind<OwnedPromotion> = {
  set: 'OrderItemPromotions',
  fields: {
    OrderID: int(({ order }) => order.id),
    OrderItemID: int(({ line }) => line.id),
    Code: text(({ promotion }) => promotion.code),
    Amount: amount(({ promotion }) => promotion.amount),
    ShippingAmount: amount(() => '0.00'),
  },
  links: {},
}

const CUSTOM_FIELDS: Kind<{ readonly order: Order; readonly id: number; readonly value: string }> = {
  set: 'OrderCustomFields',
  fields: {
    FieldID: int(({ id }) => id),
    ProfileID: int(({ order }) => order.profileId),
    OrderID: int(({ order }) => order.id),
    Value: text(({ value }) => value),
  },
  links: {},
}

export const FULFILLMENTS: Kind<OwnedFulfillment> = {
  set: 'Fulfillments',
  fields: {
    ID: int(({ fulfillment }) => fulfillment.id),
    ProfileID: int(({ order }) => order.profileId),
    OrderID: int(({ order }) => order.id),
    CreatedDateUtc: { type: 'date', of: ({ order, fulfillment }) => time(fulfillment.createdAt, order.id) },
    UpdatedDateUtc: { type: 'date', of: ({ order, fulfillment }) => time(fulfillment.updatedAt, order.id) },
    Type: { type: FULFILLMENT_TYPES, of: ({ fulfillment }) => fulfillment.type },
    DeliveryStatus: { type: DELIVERIES, of: ({ fulfillment }) => fulfillment.delivery },
    TrackingNumber: text(({ fulfillment }) => fulfillment.tracking),
    TrackingUrl: text(({ fulfillment }) => fulfillment.trackingUrl),
    ShippingCarrier: text(({ fulfillment }) => fulfillment.carrier),
    ShippingClass: text(({ fulfillment }) => fulfillment.shippingClass),
    DistributionCenterID: int(({ fulfillment }) => fulfillment.center.id),
    ExternalFulfillmentCenterCode: text(({ fulfillment }) =>
      fulfillment.center.type === 'ExternallyManaged' ? fulfillment.center.code : null,
    ),
    ShippedDateUtc: { type: 'date', of: ({ fulfillment }) => time(fulfillment.shippedAt, 0) },
    SellerFulfillmentID: text(({ fulfillment }) => fulfillment.sellerId),
  },
  links: {
    Items: { to: () => ENTRIES, of: entriesOf, path: ({ fulfillment }) => `Fulfillments(${fulfillment.id})/Items` },
  },
}

export function entriesOf(owned: OwnedFulfillment): readonly OwnedEntry[] {
  return [...owned.fulfillment.items].map(([line, { id, quantity }]) => ({ ...owned, line, id, quantity }))
}

export const ENTRIES: Kind<OwnedEntry> = {
  set: 'FulfillmentItems',
  fields: {
    ID: int(({ id }) => id),
    FulfillmentID: int(({ fulfillment }) => fulfillment.id),
    OrderItemID: int(({ line }) => line.id),
    Quantity: int(({ quantity }) => quantity),
    Sku: text(({ line }) => line.sku),
    ProductID: int(({ line }) => line.productId),
  },
  links: {},
}
