import type { CompactLine, CompactTax } from './compact.ts'
import type { Account, Cancelation, Line, Order } from './model.ts'
import { amount, decimal, millis, seconds } from './wire.ts'

export interface Stamps {
  /** Fields that the vendor's example shows to the second. */
  readonly coarse: (ms: number | undefined) => string | null
  /** Fields that it shows to the millisecond. */
  readonly fine: (ms: number | undefined) => string | null
}

export function stampsOf(account: Account): Stamps {
  const { times } = account.settings
  const write = (style: (ms: number) => string) => (ms: number | undefined) => (ms === undefined ? null : style(ms))
  return { coarse: write(times === 'millis' ? millis : seconds), fine: write(times === 'seconds' ? seconds : millis) }
}

/** One order line as OR11 gives it (sections 4 and 10). */
export function lineWire(account: Account, order: Order, line: Line, stamps: Stamps): unknown {
  const { source } = line
  const lowered = account.settings.cancelation_lowers_quantity ? line.canceled : 0
  const price = linePrice(source, line.quantity)
  const shipping = decimal(source.shipping_price ?? '0')
  return {
    can_refund: ['SHIPPED', 'TO_COLLECT', 'RECEIVED'].includes(line.state),
    cancelations: line.cancelations.map((cancelation) => cancelationWire(cancelation, stamps)),
    category_code: 'sandbox',
    category_label: 'Sandbox goods',
    commission_fee: 0,
    commission_rate_vat: 0,
    commission_taxes: [],
    commission_vat: 0,
    created_date: stamps.coarse(order.created),
    description: null,
    last_updated_date: stamps.coarse(line.updated),
    offer_id: 2000 + line.index,
    offer_sku: line.sku,
    offer_state_code: '11',
    order_line_additional_fields: source.additional_fields ?? [],
    order_line_id: line.id,
    order_line_index: line.index,
    order_line_state: line.state,
    order_line_state_reason_code: null,
    order_line_state_reason_label: null,
    price: amount(price),
    price_additional_info: null,
    price_unit: amount(unitPrice(source)),
    product_medias: [],
    product_shop_sku: line.sku,
    product_sku: `MKP-${line.sku}`,
    product_title: source.title ?? `Sandbox article ${line.sku}`,
    promotions: [],
    quantity: line.quantity - lowered,
    received_date: null,
    refunds: (source.refunds ?? []).map((refund, i) => refundWire(line, refund, i, stamps)),
    shipped_date: stamps.coarse(line.shippedAt),
    shipping_price: amount(shipping),
    shipping_taxes: taxesWire(source.shipping_taxes),
    taxes: taxesWire(source.taxes),
    total_commission: 0,
    total_price: amount(price + shipping),
  }
}

function cancelationWire(cancelation: Cancelation, stamps: Stamps): unknown {
  return {
    amount: cancelation.amount,
    commission_amount: 0,
    commission_taxes: [],
    commission_total_amount: 0,
    created_date: stamps.coarse(cancelation.at),
    id: cancelation.id,
    quantity: cancelation.quantity,
    reason_code: '34',
    shipping_amount: 0,
    shipping_taxes: [],
    taxes: [],
  }
}

function refundWire(line: Line, refund: NonNullable<CompactLine['refunds']>[number], i: number, stamps: Stamps): unknown {
  return {
    amount: amount(decimal(refund.amount)),
    commission_amount: 0,
    commission_tax_amount: 0,
    commission_taxes: [],
    commission_total_amount: 0,
    created_date: stamps.coarse(line.updated),
    id: `refund-${line.id}-${i + 1}`,
    order_refund_id: `order-refund-${line.id}-${i + 1}`,
    quantity: refund.quantity ?? 0,
    reason_code: '19',
    refund_state: refund.state ?? 'REFUNDED',
    shipping_amount: 0,
    shipping_taxes: [],
    state: refund.state ?? 'REFUNDED',
    taxes: [],
  }
}

function taxesWire(taxes: readonly CompactTax[] = []): unknown {
  return taxes.map((tax) => ({
    amount: amount(decimal(tax.amount)),
    code: tax.code ?? 'SALES_TAX',
    ...(tax.rate === undefined ? {} : { rate: amount(decimal(tax.rate)) }),
    tax_calculation_rule: 'NONE',
  }))
}

export function unitPrice(line: CompactLine): bigint {
  return decimal(line.price_unit ?? '10.00')
}

export function linePrice(line: CompactLine, quantity: number): bigint {
  return unitPrice(line) * BigInt(quantity)
}
