import { ageText, type Silence, silentCommands, staleness, type WatchRules } from '../alerts/silence.ts'
import { openCircuits } from '../db/account.ts'
import { openAlerts, type Severity } from '../db/alerts.ts'
import { type CursorRow, listCursors, type Stream } from '../db/cursors.ts'
import type { Db } from '../db/db.ts'
import { firstRunAt, pastsOf } from '../db/runs.ts'
import { pausesAt } from '../inventory/settings-pauses.ts'

/** Whether somebody must look, for a monitoring agent. Times ISO 8601 UTC, ages in seconds. */
export interface CheckReport {
  readonly status: 'ok' | Severity
  /** `OK: ...`, `WARNING: ...` or `CRITICAL: ...`, the worst first. */
  readonly line: string
  /** Everything that is not as it should be, the critical ones first. */
  readonly findings: readonly CheckFinding[]
}

export interface CheckFinding {
  readonly severity: Severity
  readonly about: 'command' | 'channel' | 'credentials' | 'alert'
  readonly command: string | null
  readonly channel: string | null
  readonly last_success: string | null
  readonly age_s: number | null
  readonly interval_s: number | null
  readonly message: string
  readonly next: string
}

/** Which command reads a stream, where that it was read at all is a success of its own. */
const readBy: ReadonlyMap<Stream, string> = new Map([
  ['pulled', 'orders:pull'],
  ['shipments', 'tracking:sync'],
  ['fulfillments', 'tracking:sync'],
  ['voids', 'tracking:sync'],
  ['stock', 'inventory:full'],
])
const PULL = 'orders:pull'

/**
 * Reads only. `channels`: those that are switched on. A channel whose orders are paused is nobody's fault and is left out; what
 * ShipStation and Zoho were read for counts like a channel.
 */
export async function checkReport(db: Db, rules: WatchRules, channels: readonly string[], now: number): Promise<CheckReport> {
  const pauses = await pausesAt(db, now)
  const watched = channels.filter((channel) => pauses.get(channel)?.orders !== true)
  const pasts = await pastsOf(db, rules.intervals.keys())
  const commands = silentCommands(rules, pasts, await firstRunAt(db), now)
  const cursors = await listCursors(db)
  const pulls = pasts.some(({ command, lastSuccess }) => command === PULL && lastSuccess !== undefined)
  const findings = [
    ...commands.map(ofCommand),
    ...cursors
      .filter(({ channel }) => watched.includes(channel) || channel === 'shipstation' || channel === 'zoho')
      .flatMap((cursor) => ofStream(cursor, rules, now)),
    ...(pulls ? watched : [])
      .filter((channel) => !cursors.some((cursor) => cursor.channel === channel && cursor.stream === 'pulled'))
      .map(neverPulled),
    ...(await openCircuits(db)).map(({ account, opened_at }) => refused(account, opened_at, now)),
    ...(await openAlerts(db)).map(({ severity, rule, channel, message, next }) => ({
      ...nothingKnown,
      severity,
      about: 'alert' as const,
      channel,
      message: `alert ${rule} of ${channel}: ${message}`,
      next,
    })),
  ].toSorted((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'))
  const status = findings[0]?.severity ?? 'ok'
  return { status, line: lineOf(status, findings, rules.intervals.size, watched.length), findings }
}

const nothingKnown = { command: null, channel: null, last_success: null, age_s: null, interval_s: null } as const

function ofCommand({ command, severity, lastSuccess, ageMs, intervalMs, message, next }: Silence): CheckFinding {
  return {
    severity,
    about: 'command',
    command,
    channel: null,
    last_success: lastSuccess === undefined ? null : new Date(lastSuccess).toISOString(),
    age_s: ageMs === undefined ? null : Math.round(ageMs / 1000),
    interval_s: intervalMs / 1000,
    message,
    next,
  }
}

function ofStream({ channel, stream, updated_at: readAt }: CursorRow, rules: WatchRules, now: number): readonly CheckFinding[] {
  const command = readBy.get(stream)
  const intervalMs = command === undefined ? undefined : rules.intervals.get(command)
  if (command === undefined || intervalMs === undefined) return []
  const ageMs = now - readAt
  const severity = staleness(ageMs, intervalMs, rules)
  if (severity === undefined) return []
  return [
    {
      severity,
      about: 'channel',
      command,
      channel,
      last_success: new Date(readAt).toISOString(),
      age_s: Math.round(ageMs / 1000),
      interval_s: intervalMs / 1000,
      message: `${channel}: ${nameOf(stream)} not read completely for ${ageText(ageMs)}; ${command} is meant to every ${ageText(intervalMs)}`,
      next: `isync doctor --channel ${channel}`,
    },
  ]
}

function nameOf(stream: Stream): string {
  return stream === 'pulled' ? 'orders' : stream
}

/** Only a warning: a channel that was just added waits for the next pull. */
function neverPulled(channel: string): CheckFinding {
  const message = `${channel}: orders never read`
  const next = `isync orders:pull --channel ${channel}`
  return { ...nothingKnown, severity: 'warning', about: 'channel', command: PULL, channel, message, next }
}

function refused(account: string, since: number, now: number): CheckFinding {
  return {
    ...nothingKnown,
    severity: 'critical',
    about: 'credentials',
    channel: account,
    age_s: Math.round((now - since) / 1000),
    message: `${account}: credentials refused for ${ageText(now - since)}`,
    next: `isync doctor --channel ${account}`,
  }
}

const NAMED_IN_LINE = 3

function lineOf(status: CheckReport['status'], findings: readonly CheckFinding[], commands: number, channels: number): string {
  if (status === 'ok') return `OK: ${commands} commands and ${channels} channels are within their intervals`
  const named = findings.slice(0, NAMED_IN_LINE).map(({ message }) => message)
  const more = findings.length > NAMED_IN_LINE ? ` (and ${findings.length - NAMED_IN_LINE} more)` : ''
  const text = `${named.join('; ')}${more}; next: ${findings[0]?.next ?? 'isync status'}`
  // One line for agents that read one; a bar would begin what they take for figures.
  return `${status.toUpperCase()}: ${text.replace(/\s+/g, ' ').replaceAll('|', '/')}`
}
