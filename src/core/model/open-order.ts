import { mayShip, type NormalizedOrder, type PoisonOrder } from './order.ts'

/** Orders that were created at or after `from` and before `until`. Epoch ms. */
export interface OrderWindow {
  readonly from: number
  readonly until: number
}

/** An order that the channel still waits for, as its list of open orders tells it. */
export interface OpenOrder {
  readonly externalOrderId: string
  readonly createdAt: number
  /** Units that are still to be shipped, where the list tells them. */
  readonly unitsToShip?: number
  /** What the buyer pays, in minor units of `currency` (ISO 4217), where the list tells it as it tells changed orders. */
  readonly total?: { readonly minor: number; readonly currency: string }
}

interface Listed {
  readonly orders: readonly NormalizedOrder[]
  readonly poison: readonly PoisonOrder[]
}

/**
 * The open ones among the orders of a list that was asked for by state: what the pull would hold back is not open. An order that cannot be read
 * is: the channel says so, and it must not slip because of that. `createdOf` reads when such a one was created, where it can.
 */
export function openOrdersAmong(
  { orders, poison }: Listed,
  createdOf: (raw: unknown) => number | undefined,
  window: OrderWindow,
): readonly OpenOrder[] {
  return [
    ...orders.filter(mayShip).map(openOrderOf),
    ...poison.map(({ externalOrderId, raw }) => ({ externalOrderId, createdAt: createdOf(raw) ?? window.from })),
  ]
}

/** What a list of open orders tells of this one, which is taken to be open. */
export function openOrderOf({ externalOrderId, createdAt, lines, totals, currency }: NormalizedOrder): OpenOrder {
  const unitsToShip = lines.reduce((sum, { qtyToShip }) => sum + qtyToShip, 0)
  return { externalOrderId, createdAt, unitsToShip, total: { minor: totals.total, currency } }
}
