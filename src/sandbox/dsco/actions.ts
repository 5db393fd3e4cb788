import type { Account } from './access.ts'
import { reader } from './compact.ts'
import { ITEM_ACTIONS } from './item-actions.ts'
import { ORDER_ACTIONS } from './order-actions.ts'
import { release, workOff } from './requests.ts'
import type { State } from './state.ts'

type Action = (state: State, argument: unknown) => unknown

const ACTIONS: Readonly<Record<string, Action>> = {
  ...ORDER_ACTIONS,
  ...ITEM_ACTIONS,
  'slow-log': slowLog,
  'hold-work': hold('work'),
  'hold-log': hold('log'),
  'lose-log': loseLog,
  'slow-spread': slowSpread,
  revoke: onAccounts((_, account) => {
    account.revoked = true
  }),
  restore: onAccounts((_, account) => {
    account.revoked = false
    account.onHold = false
  }),
  'put-on-hold': onAccounts((_, account) => {
    account.onHold = true
  }),
  'expire-tokens': onAccounts(({ access }, account) => access.expire(account)),
}

/** What retailers, the supplier or the vendor do. An unknown action, order or item throws. */
export function runAction(state: State, action: string, argument: unknown): unknown {
  const run = ACTIONS[action]
  if (run === undefined) throw new Error(`dsco: no action '${action}'; known: ${Object.keys(ACTIONS).join(', ')}`)
  // What was due before this happens first.
  for (const book of state.books.values()) workOff(state, book)
  return run(state, argument ?? {})
}

/** `{ms, work? (true)}`: requests take this long from now on; `work: false`: the work takes its usual time, only the log is late. */
function slowLog(state: State, argument: unknown): unknown {
  const given = reader('slow-log', argument, ['ms', 'work'])
  const ms = given.count('ms') ?? 0
  const isWork = given.flag('work') ?? true
  state.settings = { ...state.settings, ...(isWork ? { logMs: ms } : { logOnlyMs: ms }) }
  return { ms }
}

/** `{on? (true)}`: nothing more is done, or told, until `on: false`. */
function hold(what: 'work' | 'log'): Action {
  return (state, argument) => {
    const on = reader(`hold-${what}`, argument, ['on']).flag('on') ?? true
    if (!on) for (const book of state.books.values()) release(book, state.clock.now())
    state.held = on ? what : 'no'
    return { held: state.held }
  }
}

/** `{times? (1), done? (true)}`: the log never tells of the next requests; their work is done all the same, or not at all. */
function loseLog(state: State, argument: unknown): unknown {
  const given = reader('lose-log', argument, ['times', 'done'])
  state.losing = { left: given.count('times') ?? 1, done: given.flag('done') ?? true }
  return { losing: state.losing.left }
}

/** `{ms}`: how long changes take to be seen from now on; rarely it is minutes (contract section 6). */
function slowSpread(state: State, argument: unknown): unknown {
  const ms = reader('slow-spread', argument, ['ms']).count('ms') ?? 0
  state.settings = { ...state.settings, propagationMs: ms }
  return { ms }
}

/** On one account, `{account}`, or on all. */
function onAccounts(run: (state: State, account: Account) => void): Action {
  return (state, argument) => {
    const id = reader('account', argument, ['account']).text('account')
    const chosen = state.access.accounts().filter((account) => id === undefined || account.id === id)
    if (chosen.length === 0) throw new Error(`no account '${id ?? ''}'`)
    for (const account of chosen) run(state, account)
    return { accounts: chosen.map((account) => account.id) }
  }
}
