import type { Run } from '../context.ts'
import { openOfRules, raiseAlert, resolveAlert } from '../db/alerts.ts'
import { firstRunAt, pastsOf } from '../db/runs.ts'
import { silentCommands } from './silence.ts'

const RULE = 'silent'
/** What an alert's channel may hold. */
const LONGEST_NAME = 24

/** Raises an alert for each watched command that has not succeeded for too long, in the command's name, and ends those that are over. */
export async function alertSilence(run: Run): Promise<void> {
  const { watch } = run.settings
  const now = run.clock.now()
  const pasts = await pastsOf(run.db, watch.intervals.keys())
  const silent = silentCommands(watch, pasts, await firstRunAt(run.db), now)
  for (const { command, severity, message, next } of silent) {
    const channel = command.slice(0, LONGEST_NAME)
    await raiseAlert(run.db, { id: run.ids.next(), rule: RULE, channel, severity, message, next }, now)
  }
  const names = new Set(silent.map(({ command }) => command.slice(0, LONGEST_NAME)))
  for (const { channel } of await openOfRules(run.db, [RULE]))
    if (!names.has(channel)) await resolveAlert(run.db, RULE, channel, now)
}
