import type { Severity } from '../db/alerts.ts'
import type { RunPast } from '../db/runs.ts'

/** How often each command is meant to succeed, and after how many of its intervals without success somebody is told. */
export interface WatchRules {
  /** Command name -> milliseconds. What is not in it is not watched. */
  readonly intervals: ReadonlyMap<string, number>
  /** Older than this many intervals is a warning ... */
  readonly warningAfter: number
  /** ... and older than this many is critical. */
  readonly criticalAfter: number
}

/** A command that has not succeeded for too long. */
export interface Silence {
  readonly command: string
  readonly severity: Severity
  /** Epoch ms; undefined: never. */
  readonly lastSuccess: number | undefined
  /** Since the last success; undefined where there was none. */
  readonly ageMs: number | undefined
  readonly intervalMs: number
  readonly message: string
  /** The command to run. */
  readonly next: string
}

/** Undefined: young enough. A limit itself is not yet passed. */
export function staleness(ageMs: number, intervalMs: number, rules: WatchRules): Severity | undefined {
  if (ageMs > intervalMs * rules.criticalAfter) return 'critical'
  return ageMs > intervalMs * rules.warningAfter ? 'warning' : undefined
}

/**
 * The watched commands that have not succeeded for too long, the critical ones first. One that was never begun at all is no more than
 * a warning: it may just have come with a new version, or its first night is still ahead. `since` (epoch ms) is when isync first ran
 * here, undefined when it never did: nothing is late before its time.
 */
export function silentCommands(
  rules: WatchRules,
  past: readonly RunPast[],
  since: number | undefined,
  now: number,
): readonly Silence[] {
  const known = new Map(past.map((one) => [one.command, one]))
  const silent = [...rules.intervals].flatMap(([command, intervalMs]): Silence[] => {
    const { lastSuccess, lastStart } = known.get(command) ?? {}
    const age = now - (lastSuccess ?? since ?? now)
    // Where nothing ever ran, not even cron is known to be alive.
    const late = since === undefined && lastSuccess === undefined ? 'warning' : staleness(age, intervalMs, rules)
    if (late === undefined) return []
    const severity = lastStart === undefined ? 'warning' : late
    const ageMs = lastSuccess === undefined ? undefined : age
    return [{ command, severity, lastSuccess, ageMs, intervalMs, ...inWords(command, ageMs, lastStart, intervalMs) }]
  })
  return silent.toSorted((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'))
}

function inWords(
  command: string,
  ageMs: number | undefined,
  lastStart: number | undefined,
  intervalMs: number,
): { readonly message: string; readonly next: string } {
  if (command === 'serve') {
    const said = ageMs === undefined ? 'isync serve never ran' : `isync serve has not been at work for ${ageText(ageMs)}`
    return {
      message: `${said}: webhooks are lost, and everything waits for cron`,
      next: 'start it (docs/deploy.md: systemd, PM2 or a container); without webhooks take the section out of the configuration',
    }
  }
  const every = `it is meant to every ${ageText(intervalMs)}`
  if (lastStart === undefined)
    return {
      message: `${command} never ran; ${every}`,
      next: `see whether crontab -l has it (crontab.example shows the line), then run isync ${command} by hand`,
    }
  const said = ageMs === undefined ? `${command} never succeeded` : `${command} has not succeeded for ${ageText(ageMs)}`
  return { message: `${said}; ${every}`, next: `isync runs --command ${command} --failed` }
}

/** `90 s`, `45 min`, `5 h`, `3 d`: whole units, never more than it is. */
export function ageText(ms: number): string {
  if (ms < 2 * MINUTE) return `${Math.floor(ms / 1000)} s`
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min`
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
