import type { Accounts, Application } from './accounts.ts'
import { reader } from './compact.ts'
import { ORDER_ACTIONS } from './order-actions.ts'
import { PRODUCT_ACTIONS } from './product-actions.ts'
import { OPERATIONS } from './routes.ts'
import type { Script, State } from './state.ts'

type Action = (state: State, argument: unknown) => unknown

const ACTIONS: Readonly<Record<string, Action>> = {
  ...ORDER_ACTIONS,
  ...PRODUCT_ACTIONS,
  'fail-call': failCall,
  /** `{call?, times?}`: a 200 whose body says that the token is not good (contract section 11). */
  'deny-in-200': trouble('deny-in-200', 200),
  /** `{call?, times?}`: a 429, as when there are more than five at once (contract section 8). */
  crowd: trouble('crowd', 429),
  /** `{call?, times?, status? (406)}`: parts of a batch fail, and would go well the next time (contract section 10). */
  'batch-trouble': trouble('batch-part', 406),
  revoke: onApplications((accounts, application) => accounts.revoke(application)),
  restore: onApplications((accounts, application) => accounts.restore(application)),
  'expire-tokens': onApplications((accounts, application) => accounts.expireTokens(application)),
}

/** What buyers, the seller or the platform do. An unknown action, order or product throws. */
export function runAction(state: State, action: string, argument: unknown): unknown {
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (run === undefined) throw new Error(`channeladvisor: no action '${action}'; known: ${Object.keys(ACTIONS).join(', ')}`)
  state.version += 1
  return run(state, argument)
}

/** `{call, status? (500), times? (1), applied?}`: the next calls fail; `applied`: after they had their effect. */
function failCall(state: State, argument: unknown): unknown {
  const given = reader('fail-call', argument, ['call', 'status', 'times', 'applied'])
  return add(state, {
    call: callOf('fail-call', given.text('call') ?? ''),
    kind: given.flag('applied') === true ? 'fail-after' : 'fail',
    status: given.count('status') ?? 500,
    left: given.count('times') ?? 1,
  })
}

function trouble(kind: Script['kind'], status: number): Action {
  return (state, argument) => {
    const given = reader(kind, argument ?? {}, ['call', 'times', 'status'])
    const call = given.text('call')
    return add(state, {
      call: call === undefined ? undefined : callOf(kind, call),
      kind,
      status: given.count('status') ?? status,
      left: given.count('times') ?? 1,
    })
  }
}

function add(state: State, script: Script): unknown {
  state.scripts.push(script)
  return { times: script.left }
}

function callOf(action: string, call: string): string {
  if (!OPERATIONS.includes(call)) throw new Error(`${action}: no call '${call}'; known: ${OPERATIONS.join(', ')}`)
  return call
}

/** On one application, `{app_id}`, or on all. */
function onApplications(run: (accounts: Accounts, application: Application) => void): Action {
  return ({ accounts }, argument) => {
    const appId = reader('applications', argument ?? {}, ['app_id']).text('app_id')
    const chosen = accounts.all().filter((application) => appId === undefined || application.appId === appId)
    if (chosen.length === 0) throw new Error(`no application '${appId ?? ''}'`)
    for (const application of chosen) run(accounts, application)
    return { app_ids: chosen.map((application) => application.appId) }
  }
}
