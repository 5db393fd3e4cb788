/** Rules about a whole account: its vendor is down or refuses our credentials. Whatever else is wrong there follows from that. */
export const accountRules = [
  'pull-failed',
  'push-failed',
  'acknowledge-failed',
  'confirm-failed',
  'shipments-unread',
  'publish-failed',
  'stock-unread',
  'open-orders-unread',
  'listings-unread',
] as const

export type AccountRule = (typeof accountRules)[number]

const ofAccounts: ReadonlySet<string> = new Set(accountRules)

export function isAccountRule(rule: string): boolean {
  return ofAccounts.has(rule)
}

/** Rules that follow from ShipStation being down, on whatever channel they are raised. */
const ofShipStation: ReadonlySet<string> = new Set(['dead-push', 'orders-failing', 'missing-orders'])

/** Accounts whose outage explains an alert of this rule and channel. */
export function parentsOf({ rule, channel }: { readonly rule: string; readonly channel: string }): readonly string[] {
  return ofShipStation.has(rule) && channel !== 'shipstation' ? [channel, 'shipstation'] : [channel]
}

/** The rule whose alert says that so many fail that each that was given up is one of them. */
const ratesOf: Readonly<Record<string, string>> = {
  'dead-push': 'orders-failing',
  'dead-confirm': 'confirmations-failing',
  'publish-dead': 'publications-failing',
}

/** Whether an alert of the second rule and channel, or of all channels, explains one of the first. */
export function isRateOf(
  alert: { readonly rule: string; readonly channel: string },
  rate: { readonly rule: string; readonly channel: string },
): boolean {
  return ratesOf[alert.rule] === rate.rule && (rate.channel === alert.channel || rate.channel === 'all')
}

/** Rules about a medium by which people are told: of these they must be told by another. */
export function isMediumRule(rule: string): boolean {
  return rule === 'notify-failed' || rule === 'dead-notify'
}

/** Short enough for the first line of a message. */
const titles: Readonly<Record<string, string>> = {
  'pull-failed': 'orders cannot be read',
  'push-failed': 'orders cannot be pushed',
  'acknowledge-failed': 'orders cannot be acknowledged',
  'confirm-failed': 'shipments cannot be confirmed',
  'shipments-unread': 'shipments cannot be read',
  'publish-failed': 'stock cannot be published',
  'stock-unread': 'stock cannot be read',
  'open-orders-unread': 'open orders cannot be compared',
  'listings-unread': 'quantities on show cannot be compared',
  'orders-failing': 'orders fail on their way to ShipStation',
  'confirmations-failing': 'shipment confirmations fail',
  'publications-failing': 'quantities are not taken',
  'quantities-differ': 'quantities on show are not what was told',
  'missing-orders': 'orders were missing in ShipStation',
  'dead-push': 'pushes were given up',
  'dead-confirm': 'confirmations were given up',
  'dead-acknowledge': 'acknowledgements were given up',
  'dead-notify': 'messages were given up',
  'publish-dead': 'quantities were given up',
  'publish-brake': 'a brake holds the stock',
  'stock-brake': 'a brake holds the stock reading',
  'stock-stale': 'stock was not read for too long',
  'sold-out': 'sold out',
  'notify-failed': 'messages do not leave',
  silent: 'has not succeeded for too long',
  poison: 'orders cannot be understood',
}

/** What an alert of this rule is about, in a few words. */
export function titleOf(rule: string): string {
  return titles[rule] ?? rule.replaceAll('-', ' ')
}
