import { toMinor } from '../../core/model/money.ts'
import type { Totals } from '../../core/model/order.ts'
import { ENDED } from './lines.ts'
import type { WireLine, WireOrder } from './wire.ts'

/** With TAX_EXCLUDED the vendor's total lacks the taxes; refused and cancelled lines owe none (contract section 10). */
export function totalsOf(wire: WireOrder): Totals {
  const currency = wire.currency_iso_code
  const tax = taxesOf(wire)
  const total = money('total_price', wire.total_price, currency)
  return {
    items: money('price', wire.price, currency),
    shipping: money('shipping_price', wire.shipping_price, currency),
    tax,
    discount: 0,
    total: wire.order_tax_mode === 'TAX_EXCLUDED' ? total + tax : total,
  }
}

function taxesOf(wire: WireOrder): number {
  const currency = wire.currency_iso_code
  const perOrder = wire.order_taxes ?? []
  if (perOrder.length > 0) {
    const amounts = perOrder.map((tax) => ({ amount: tax.total_amount }))
    return taxSum('order_taxes', amounts, currency)
  }
  let sum = 0
  for (const [i, line] of wire.order_lines.entries()) {
    if (ENDED.has(line.order_line_state)) continue
    sum += taxSum(`order_lines.${i}.taxes`, line.taxes, currency)
    sum += taxSum(`order_lines.${i}.shipping_taxes`, line.shipping_taxes, currency)
  }
  return sum
}

/** What went back to the buyer so far; undefined for nothing. Money only: a refund lowers no units (contract section 4). */
export function refundedOf(wire: WireOrder): number | undefined {
  const currency = wire.currency_iso_code
  let sum = 0
  for (const [i, line] of wire.order_lines.entries()) {
    for (const refund of line.refunds ?? []) {
      const where = `order_lines.${i}.refunds`
      sum += money(where, refund.amount ?? 0, currency) + money(where, refund.shipping_amount ?? 0, currency)
      if (wire.order_tax_mode !== 'TAX_EXCLUDED') continue
      sum += taxSum(where, refund.taxes, currency) + taxSum(where, refund.shipping_taxes, currency)
    }
  }
  return sum === 0 ? undefined : sum
}

/** Minor units of a list of taxes. */
export function taxSum(field: string, taxes: WireLine['taxes'], currency: string): number {
  let sum = 0
  for (const tax of taxes ?? []) sum += money(field, tax.amount ?? 0, currency)
  return sum
}

/**
 * Minor units; throws RangeError that names the field. JSON.parse makes binary floats of amounts, yet a float's shortest decimal text is
 * the text it was read from as long as that has at most 15 digits: {@link toMinor} gets the vendor's own digits, and only whole minor
 * units are ever added.
 */
export function money(field: string, amount: string | number, currency: string): number {
  try {
    return toMinor(amount, currency)
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${field}: not an amount of '${currency.slice(0, 3)}'`)
    throw error
  }
}
