import { evaluateAlerts } from '../../core/alerts/evaluate.ts'
import { sendNotices } from '../../core/alerts/send.ts'
import type { Runtime } from './runtime.ts'

/** What a command may spend on each medium at its end; what takes longer is left to alerts:check and retry. */
const BUDGET_MS = 5_000

/**
 * The end of every command that writes: looks whether people are to be told something and tries once to tell them. Whatever goes wrong in
 * it is logged and changes nothing about the command; what did not leave stays due.
 */
export async function tellPeople(runtime: Pick<Runtime, 'run' | 'dryRun' | 'notifiers'>): Promise<void> {
  const { run } = runtime
  if (runtime.dryRun || run.signal.aborted) return
  try {
    const ids = await evaluateAlerts(run)
    if (ids.length === 0) return
    await sendNotices(run, await runtime.notifiers(), { ids, timeoutMs: Math.max(1_000, Math.floor(BUDGET_MS / ids.length)) })
  } catch (error) {
    run.log.error({ step: 'alerts', error: error instanceof Error ? error.message : String(error) }, 'alerts were not told')
  }
}
