import type { Run } from '../context.ts'
import { openRuns } from '../db/runs.ts'
import { isConnectorError, type OperatorError } from '../errors.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import { type HookAddress, judgeSubscriptions, lackingEvents } from '../tracking/hook-address.ts'
import type { DoctorCheck } from './doctor-check.ts'
import type { IsAlive } from './run-state.ts'
import { webhookStatus } from './webhook-status.ts'

/** It says so once a minute. */
const SERVE_SILENT_S = 300

/** What the configuration says of webhooks. */
export interface WebhookSetup {
  /** Where ShipStation's are to arrive, or what is missing to tell; undefined: none are wanted of it. */
  readonly shipstation: HookAddress | OperatorError | undefined
  /** When the configuration's files were last changed; undefined: not known. */
  readonly changedAt?: number | undefined
  readonly isAlive?: IsAlive
}

/** Whether a server takes webhooks, and whether ShipStation sends any. Nothing without webhooks in the configuration. */
export async function webhookChecks(
  run: Run,
  shipping: ShippingConnector | undefined,
  setup: WebhookSetup | undefined,
): Promise<readonly DoctorCheck[]> {
  if (setup === undefined) return []
  const { serve_seen: seen, serve_age_s: age } = await webhookStatus(run.db, run.clock.now())
  const { changedAt, isAlive = () => undefined } = setup
  const open = (await openRuns(run.db)).filter(({ command }) => command === 'serve')
  const running = open.filter(({ host, pid }) => isAlive(host, pid) !== false)
  const works = age !== null && age <= SERVE_SILENT_S && (setup.isAlive === undefined || running.length > 0)
  // Of another machine's nobody here knows what its file says.
  const old = running.find((one) => isAlive(one.host, one.pid) === true && one.started_at < (changedAt ?? 0))
  const atWork = { channel: 'serve', check: 'at work' }
  const serve: DoctorCheck =
    !works || old === undefined
      ? {
          ...atWork,
          ok: works,
          detail: seen === null ? 'isync serve never ran on this database' : `isync serve was last at work at ${seen}`,
          fix: works ? '' : 'start isync serve (docs/deploy.md): until then webhooks are lost and everything waits for cron',
        }
      : {
          ...atWork,
          ok: false,
          detail: `isync serve has run since ${new Date(old.started_at).toISOString()} and does not know what was changed in the configuration or its .env after that`,
          fix: 'isync config:check, then restart it: systemctl restart isync-serve, or as docs/deploy.md has it',
        }
  if (shipping === undefined || setup.shipstation === undefined) return [serve]
  return [serve, await subscriptionCheck(run, shipping, setup.shipstation)]
}

async function subscriptionCheck(
  run: Run,
  shipping: ShippingConnector,
  address: HookAddress | OperatorError,
): Promise<DoctorCheck> {
  const base = { channel: shipping.account, check: 'webhooks' }
  if (address instanceof Error) return { ...base, ok: false, detail: address.why, fix: address.next }
  try {
    const judged = judgeSubscriptions(await shipping.listWebhooks(run.signal), address)
    const lacking = lackingEvents(judged)
    if (lacking.length > 0)
      return { ...base, ok: false, detail: `ShipStation does not tell of ${lacking.join(', ')}`, fix: 'isync webhooks:subscribe' }
    const stale = judged.filter((one) => one.stale).length
    const rest = stale === 0 ? '' : `; ${stale} more of ours may go: isync webhooks:unsubscribe --stale`
    return { ...base, ok: true, detail: `ShipStation tells of every package${rest}`, fix: '' }
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return { ...base, ok: false, detail: error.message, fix: 'isync webhooks:list' }
  }
}
