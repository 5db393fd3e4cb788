import { toDecimal, toMinor } from '../../core/model/money.ts'
import type { NormalizedOrder, OrderLine } from '../../core/model/order.ts'

/** The sums of what may ship now, minor units of the order's currency. */
export interface Amounts {
  /** 0 where the prices hold it already: ShipStation would add it a second time. */
  readonly tax: number
  readonly shipping: number
  /** Positive; 0 where the prices are net of it already. */
  readonly discount: number
  readonly paid: number
}

/**
 * ShipStation computes the order's total as the sum of unitPrice x quantity, plus taxAmount, plus shippingAmount; a line's own
 * taxAmount is not counted (the vendor's own example adds up that way). Whether tax and discount are part of the prices differs from
 * marketplace to marketplace, so the reading is taken that gives the total the buyer paid. Where none does, the discount stays out.
 * Of an order shipped in part, the remaining units' share is sent.
 */
export function amountsOf(order: NormalizedOrder, lines: readonly OrderLine[]): Amounts {
  const { totals } = order
  const gross = sumOf(order.lines, (line) => line.price * line.qty)
  const reading = readings.find(
    ({ addTax, takeDiscount }) =>
      gross + totals.shipping + (addTax ? totals.tax : 0) - (takeDiscount ? totals.discount : 0) === totals.total,
  )
  const { addTax, takeDiscount } = reading ?? { addTax: true, takeDiscount: false }
  const whole = sumOf(order.lines, (line) => line.qty) === sumOf(lines, (line) => line.qtyToShip)
  if (whole || reading === undefined) {
    const { tax, discount, shipping, total } = totals
    return { tax: addTax ? tax : 0, shipping, discount: takeDiscount ? discount : 0, paid: total }
  }
  const tax = addTax ? shareOf(totals.tax, order.lines, lines, (line) => line.tax) : 0
  const discount = takeDiscount ? shareOf(totals.discount, order.lines, lines, (line) => line.discount) : 0
  const paid = sumOf(lines, (line) => line.price * line.qtyToShip) + totals.shipping + tax - discount
  return { tax, shipping: totals.shipping, discount, paid }
}

/** A line's amount for the units that may ship now. */
export function lineShare(amount: number, line: OrderLine): number {
  if (line.qty <= 0 || line.qtyToShip >= line.qty) return amount
  return Math.round((amount * line.qtyToShip) / line.qty)
}

/**
 * Minor units -> the JSON number ShipStation takes: at most two decimals (contract section 5), so the third digit of a currency that
 * has one is rounded half away from zero. Amounts beyond its seven digits are sent as they are: the amount is for
 * display and customs, and no reason to keep an order back.
 */
export function wireAmount(minor: number, currency: string): number {
  return Number(toDecimal(toMinor(toDecimal(minor, currency), 'USD'), 'USD'))
}

const readings = [
  { addTax: true, takeDiscount: true },
  { addTax: false, takeDiscount: true },
  { addTax: true, takeDiscount: false },
  { addTax: false, takeDiscount: false },
] as const

/** What is not on any line (tax on shipping, a coupon on the whole order) stays with what is sent now. */
function shareOf(total: number, all: readonly OrderLine[], sent: readonly OrderLine[], of: (line: OrderLine) => number): number {
  return total - sumOf(all, of) + sumOf(sent, (line) => lineShare(of(line), line))
}

function sumOf(lines: readonly OrderLine[], of: (line: OrderLine) => number): number {
  let sum = 0
  for (const line of lines) sum += of(line)
  return sum
}
