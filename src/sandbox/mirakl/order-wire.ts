import { overlay } from '../overlay.ts'
import { linePrice, lineWire, stampsOf } from './line-wire.ts'
import type { Account, Order } from './model.ts'
import { addressVisible, centerOf, isEnded } from './transitions.ts'
import { amount, decimal } from './wire.ts'

const DAY = 86_400_000
const CANCELABLE: ReadonlySet<string> = new Set([
  'STAGING',
  'WAITING_ACCEPTANCE',
  'WAITING_DEBIT',
  'WAITING_DEBIT_PAYMENT',
  'SHIPPING',
])

/** One order as OR11 gives it (sections 3, 4 and 10). Keys that are not required are left out where there is nothing to say. */
export function orderWire(account: Account, order: Order): unknown {
  const stamps = stampsOf(account)
  const { source } = order
  const lines = order.lines.map((line) => lineWire(account, order, line, stamps))
  const sums = totals(order)
  const shippingType = source.shipping_type_code ?? 'STD'
  const channel = source.channel ?? account.channel
  const center = centerOf(order)
  const rendered = {
    acceptance_decision_date: stamps.coarse(order.decidedAt),
    can_cancel: CANCELABLE.has(order.state),
    can_shop_ship: order.state === 'SHIPPING' && center === 'DEFAULT',
    ...(channel === undefined ? {} : { channel: { code: channel, label: `Channel ${channel}` } }),
    commercial_id: commercialId(order.id),
    created_date: stamps.coarse(order.created),
    currency_iso_code: source.currency ?? account.currency,
    customer: customerWire(order),
    customer_debited_date: stamps.fine(order.debitedAt),
    customer_directly_pays_seller: false,
    customer_notification_email: emailOf(order),
    delivery_date: { earliest: stamps.fine(order.created + 4 * DAY), latest: stamps.fine(order.created + 7 * DAY) },
    fulfillment: { center: { code: center } },
    fully_refunded: false,
    has_customer_message: false,
    has_incident: order.hasIncident,
    has_invoice: false,
    last_updated_date: stamps.coarse(order.updated),
    leadtime_to_ship: 2,
    order_additional_fields: source.additional_fields ?? [],
    order_id: order.id,
    order_lines: lines,
    order_state: order.state,
    order_state_reason_code: null,
    order_state_reason_label: null,
    order_tax_mode: taxMode(order),
    paymentType: 'CARD',
    payment_type: 'CARD',
    payment_workflow: workflowOf(order),
    price: amount(sums.price),
    promotions: { applied_promotions: [], total_deduced_amount: 0 },
    quote_id: null,
    references: {
      order_reference_for_customer: source.references?.order_reference_for_customer ?? null,
      order_reference_for_seller: source.references?.order_reference_for_seller ?? null,
    },
    shipping_carrier_code: order.tracking?.carrier_code ?? null,
    shipping_carrier_standard_code: order.tracking?.carrier_standard_code ?? null,
    shipping_company: order.tracking?.carrier_name ?? null,
    shipping_deadline: stamps.fine(deadlineOf(order)),
    shipping_price: amount(sums.shipping),
    ...(source.pudo_id === undefined ? {} : { shipping_pudo_id: source.pudo_id }),
    shipping_tracking: order.tracking?.tracking_number ?? null,
    shipping_tracking_url: order.tracking?.tracking_url ?? null,
    shipping_type_code: shippingType,
    shipping_type_label: source.shipping_type_label ?? 'Standard',
    ...(source.shipping_type_standard_code === undefined
      ? {}
      : { shipping_type_standard_code: source.shipping_type_standard_code }),
    shipping_zone_code: 'DOM',
    shipping_zone_label: 'Domestic',
    total_commission: 0,
    total_price: amount(sums.price + sums.shipping),
    transaction_date: null,
    transaction_number: null,
  }
  return order.patches.reduce(overlay, rendered)
}

export function commercialId(orderId: string): string {
  return orderId.replace(/-[A-Z]$/, '')
}

export function deadlineOf(order: Order): number | undefined {
  const { shipping_deadline: deadline } = order.source
  if (deadline === null) return undefined
  if (deadline === undefined) return order.created + 2 * DAY + 999
  return typeof deadline === 'number' ? deadline : Date.parse(deadline)
}

export function taxMode(order: Order): string {
  return order.source.tax_mode ?? 'TAX_EXCLUDED'
}

export function workflowOf(order: Order): string {
  return order.source.payment_workflow ?? 'PAY_ON_ACCEPTANCE'
}

function emailOf(order: Order): string | null {
  const email = order.source.customer?.email
  return email === undefined ? `buyer-${order.id.toLowerCase()}@notification.example.com` : email
}

function customerWire(order: Order): unknown {
  const { customer } = order.source
  const { additional_info: _note, ...billing } = order.shipTo
  return {
    billing_address: addressVisible(order) ? billing : null,
    civility: null,
    customer_id: `customer-${commercialId(order.id)}`,
    firstname: customer?.firstname === undefined ? (order.shipTo['firstname'] ?? null) : customer.firstname,
    lastname: customer?.lastname === undefined ? (order.shipTo['lastname'] ?? '') : customer.lastname,
    locale: 'en_US',
    shipping_address: addressVisible(order) ? order.shipTo : null,
  }
}

/** Lines that have ended no longer count, unless nothing else is left. */
function totals(order: Order): { readonly price: bigint; readonly shipping: bigint } {
  const alive = order.lines.filter((line) => !isEnded(line.state))
  let price = 0n
  let shipping = 0n
  for (const line of alive.length === 0 ? order.lines : alive) {
    price += linePrice(line.source, line.quantity)
    shipping += decimal(line.source.shipping_price ?? '0')
  }
  return { price, shipping }
}
