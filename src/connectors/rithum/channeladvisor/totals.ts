import type { OrderLine, Totals } from '../../../core/model/order.ts'
import { money, sumOf } from './values.ts'
import type { WireItem, WireOrder } from './wire.ts'

/** A line's money: promotions come as negative amounts and are shown as a discount. */
export function lineMoney(item: WireItem, currency: string, where: string): Pick<OrderLine, 'price' | 'tax' | 'discount'> {
  return {
    price: money(`${where}.UnitPrice`, item.UnitPrice, currency),
    tax: money(`${where}.TaxPrice`, item.TaxPrice, currency),
    discount: sumOf(item.Promotions.map(({ Amount }) => Math.abs(money(`${where}.Promotions`, Amount, currency)))),
  }
}

/**
 * Whatever the buyer pays beside the goods counts as shipping: gift wrap, insurance, fees. TotalPrice is what the buyer pays. Where the
 * prices are without tax and the parts add up to TotalPrice without it as well, the tax comes on top; with InclusiveVat it never does
 * (contract section 9).
 */
export function totalsOf(wire: WireOrder, currency: string): Totals {
  const part = (name: keyof WireOrder, amount: WireOrder['TotalPrice']) => money(name, amount, currency)
  const { Items } = wire
  const items = sumOf(Items.map((item, i) => item.Quantity * money(`Items.${i}.UnitPrice`, item.UnitPrice, currency)))
  const fees = sumOf(Items.map((item, i) => money(`Items.${i}.RecyclingFee`, item.RecyclingFee, currency)))
  const promotions = Items.flatMap((item) => item.Promotions).flatMap(({ Amount, ShippingAmount }) => [Amount, ShippingAmount])
  const extra = part('AdditionalCostOrDiscount', wire.AdditionalCostOrDiscount)
  const shipping =
    part('TotalShippingPrice', wire.TotalShippingPrice) +
    part('TotalInsurancePrice', wire.TotalInsurancePrice) +
    part('TotalGiftOptionPrice', wire.TotalGiftOptionPrice) +
    fees +
    Math.max(0, extra)
  const discount =
    sumOf(promotions.map((amount) => Math.abs(money('Items.Promotions', amount, currency)))) +
    Math.abs(part('PromotionAmount', wire.PromotionAmount)) +
    Math.max(0, -extra)
  const tax = part('TotalTaxPrice', wire.TotalTaxPrice)
  const told = wire.TotalPrice === undefined || wire.TotalPrice === null ? undefined : part('TotalPrice', wire.TotalPrice)
  return { items, shipping, tax, discount, total: totalOf(told, items + shipping - discount, tax, wire.OrderTaxType) }
}

function totalOf(told: number | undefined, withoutTax: number, tax: number, taxType: string | undefined): number {
  const isInside = taxType === 'InclusiveVat'
  if (told === undefined) return isInside ? withoutTax : withoutTax + tax
  return !isInside && told === withoutTax ? told + tax : told
}
