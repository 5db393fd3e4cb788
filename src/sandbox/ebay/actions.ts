import type { Account } from './accounts.ts'
import { reader } from './compact.ts'
import { LISTING_ACTIONS } from './listing-actions.ts'
import { KEY_CALL, NOTIFICATION_ACTIONS, tellRevocation } from './notifications.ts'
import { ORDER_ACTIONS } from './order-actions.ts'
import { REST_CALLS } from './rest.ts'
import type { State } from './state.ts'
import { TRADING_CALLS } from './trading.ts'

type Action = (state: State, argument: unknown) => unknown

const ACTIONS: Readonly<Record<string, Action>> = {
  ...ORDER_ACTIONS,
  ...LISTING_ACTIONS,
  ...NOTIFICATION_ACTIONS,
  revoke: onAccounts((state, account) => {
    state.accounts.revoke(account)
    tellRevocation(state, account)
  }),
  restore: onAccounts(({ accounts }, account) => accounts.restore(account)),
  'expire-tokens': onAccounts(({ accounts }, account) => accounts.expireTokens(account)),
  'fail-call': failCall,
}

/** What buyers, the seller or eBay do. An unknown action, order or listing throws. */
export function runAction(state: State, action: string, argument: unknown): unknown {
  const run = ACTIONS[action]
  if (run === undefined) throw new Error(`ebay: no action '${action}'; known: ${Object.keys(ACTIONS).join(', ')}`)
  return run(state, argument)
}

/**
 * `{call: 'GetOrders', code?, status?, times? (1), applied?}`: the next calls fail with this error code, a REST call with this HTTP status
 * too; `applied`: after they had their effect. Without a code: 10007 for Trading, 30500, 25001 or 195000 with status 500 for REST.
 */
function failCall(state: State, argument: unknown): unknown {
  const given = reader('fail-call', argument, ['call', 'code', 'status', 'times', 'applied'])
  const call = given.text('call') ?? ''
  const known = [...TRADING_CALLS, ...REST_CALLS]
  if (!known.includes(call)) throw new Error(`fail-call: no call '${call}'; known: ${known.join(', ')}`)
  state.scripts.push({
    call,
    code: given.count('code') ?? usualCode(call),
    status: given.count('status') ?? 500,
    applied: given.flag('applied') ?? false,
    left: given.count('times') ?? 1,
  })
  return { call }
}

function usualCode(call: string): number {
  if (TRADING_CALLS.includes(call)) return 10007
  if (call === KEY_CALL) return 195000
  return /Inventory|Offers|Quantity/.test(call) ? 25001 : 30500
}

/** On one account, `{user}`, or on all. */
function onAccounts(run: (state: State, account: Account) => void): Action {
  return (state, argument) => {
    const user = reader('account', argument ?? {}, ['user']).text('user')
    const chosen = state.accounts.all().filter((account) => user === undefined || account.user === user)
    if (chosen.length === 0) throw new Error(`no account of user '${user ?? ''}'`)
    for (const account of chosen) run(state, account)
    return { users: chosen.map((account) => account.user) }
  }
}
