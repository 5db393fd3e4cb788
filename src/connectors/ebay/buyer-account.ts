import type { BuyerAccount } from '../../core/model/trigger.ts'
import { given } from './values.ts'
import { wireBuyer } from './wire.ts'
import { wireRestBuyer } from './wire-rest.ts'

/**
 * By what eBay knows a buyer. The one id of an order is the user name or, of most buyers of the United States since September 2025, the lasting
 * id in its place (contract section 2.6), so that it stands for both: a notice of a deleted account names each.
 */
export function buyerAccountOf(id: string | undefined, token?: string): BuyerAccount | undefined {
  if (id === undefined && token === undefined) return undefined
  return { ...given('username', id), ...given('userId', id), ...given('token', token) }
}

/** The buyer's account in a stored document of either API, however little else of it can be read. */
export function buyerAccountIn(document: unknown): BuyerAccount | undefined {
  const { BuyerUserID: id, EIASToken: token } = wireBuyer.safeParse(document).data ?? {}
  return buyerAccountOf(id ?? wireRestBuyer.safeParse(document).data?.buyer?.username, token)
}
