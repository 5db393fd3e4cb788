import { toMinor } from '../../core/model/money.ts'
import type { Totals } from '../../core/model/order.ts'
import type { WireBreakdown, WireItem, WireMoney, WireOrder } from './wire.ts'

/** ISO 4217 for "no currency": a pending order shows no amount at all, and with it no currency. */
const NO_CURRENCY = 'XXX'

/** Amounts of one line, minor units. `price` is one unit, the others the whole line. */
export interface LineMoney {
  readonly price: number
  readonly items: number
  readonly shipping: number
  readonly tax: number
  readonly discount: number
}

/** The one currency of the order: its grand total's, else the first amount's. */
export function currencyOf(order: WireOrder): string {
  const first = [
    order.proceeds?.grandTotal,
    ...(order.proceeds?.breakdowns ?? []).map((one) => one.subtotal),
    ...order.orderItems.flatMap((item) => [
      item.product?.price?.unitPrice,
      ...(item.proceeds?.breakdowns ?? []).map((one) => one.subtotal),
    ]),
  ].find((money) => money !== undefined)
  return first?.currencyCode ?? NO_CURRENCY
}

/**
 * A line's amounts (contract section 8). The unit price is Amazon's own, else the line's ITEM amount shared over its units and
 * rounded. Throws RangeError naming the place of an amount that cannot be read.
 */
export function lineMoney(item: WireItem, currency: string, where: string): LineMoney {
  const breakdowns = item.proceeds?.breakdowns ?? []
  const sumOf = (type: string) =>
    sum(breakdowns.filter((one) => one.type === type).map((one) => breakdownMinor(one, currency, `${where}.proceeds.${type}`)))
  const items = sumOf('ITEM')
  const units = item.quantityOrdered
  const unit = item.product?.price?.unitPrice
  const price =
    unit === undefined ? Math.round(items / Math.max(units, 1)) : minor(unit, currency, `${where}.product.price.unitPrice`)
  return {
    price,
    items: breakdowns.some((one) => one.type === 'ITEM') ? items : price * units,
    shipping: sumOf('SHIPPING'),
    tax: sumOf('TAX'),
    // Its sign is not documented.
    discount: Math.abs(sumOf('DISCOUNT')),
  }
}

/** The order's own totals where Amazon gives them, else the sums of its lines. */
export function totalsOf(order: WireOrder, lines: readonly LineMoney[], currency: string): Totals {
  const breakdowns = order.proceeds?.breakdowns ?? []
  const totalOf = (type: string, key: 'items' | 'shipping' | 'tax' | 'discount') => {
    const own = breakdowns.filter((one) => one.type === type && one.subtotal !== undefined)
    if (own.length === 0) return sum(lines.map((line) => line[key]))
    return Math.abs(sum(own.map((one) => minor(one.subtotal, currency, `proceeds.${type}`))))
  }
  const items = totalOf('ITEM', 'items')
  const shipping = totalOf('SHIPPING', 'shipping')
  const tax = totalOf('TAX', 'tax')
  const discount = totalOf('DISCOUNT', 'discount')
  const grandTotal = order.proceeds?.grandTotal
  const total = grandTotal === undefined ? items + shipping + tax - discount : minor(grandTotal, currency, 'proceeds.grandTotal')
  return { items, shipping, tax, discount, total }
}

function breakdownMinor(breakdown: WireBreakdown, currency: string, where: string): number {
  if (breakdown.subtotal !== undefined) return minor(breakdown.subtotal, currency, `${where}.subtotal`)
  return sum(breakdown.detailedBreakdowns.map((one) => minor(one.value, currency, `${where}.detailedBreakdowns`)))
}

function minor(money: WireMoney | undefined, currency: string, where: string): number {
  if (money === undefined) return 0
  if (money.currencyCode !== currency) throw new RangeError(`${where}: ${money.currencyCode} in an order of ${currency}`)
  try {
    return toMinor(money.amount, currency)
  } catch {
    throw new RangeError(`${where}: not an amount of ${currency}`)
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
