import { openDb } from '../../src/core/db/open.ts'
import type { OutboxEntry } from '../../src/sandbox/outbox.ts'
import type { ChannelAudit } from './auditor.ts'
import type { StockAudit } from './auditor-stock.ts'
import type { Trouble } from './day-trouble.ts'

/** What a database says of a day's work. */
export interface Kept {
  /** What came by webhook, by sender and state. */
  readonly inbox: readonly { readonly provider: string; readonly state: string; readonly count: number; readonly times: number }[]
  readonly refused: readonly { readonly provider: string; readonly reason: string; readonly count: number }[]
  readonly tasks: readonly { readonly kind: string; readonly state: string; readonly count: number }[]
  readonly alerts: readonly AlertLine[]
  /** Alerts of which people were told twice that they began, or that they are over. */
  readonly toldTwice: readonly string[]
  /** Work that is due or at work or will be, of whatever kind. */
  readonly openWork: number
  /** What was given up. */
  readonly stuck: readonly string[]
}

export interface AlertLine {
  readonly rule: string
  readonly channel: string
  readonly severity: string
  readonly count: number
  readonly over: boolean
  readonly told: boolean
  /** Whether people were told that it is over. */
  readonly toldOver: boolean
  readonly message: string
  /** The command that people were told to run. */
  readonly next: string
}

/** The whole day. */
export interface Accounts extends Kept {
  readonly channels: readonly ChannelAudit[]
  /** Orders that nobody can read, as the audit names them: not in ShipStation, and people are told. */
  readonly unreadable: readonly string[]
  /** Orders of Dsco whose packages were told before the acknowledgement, which failed until then, as the audit names them. */
  readonly unacknowledged: readonly string[]
  readonly stock: StockAudit
  readonly sent: ReadonlyMap<string, readonly OutboxEntry[]>
  /** Statuses that order numbers pushed by a script of the seller's were answered with; 0: not at all. */
  readonly pushes: readonly number[]
  /** Subjects of the mails that people got. */
  readonly mails: readonly string[]
  readonly trouble: Trouble['counts'] | undefined
  /** Command -> how its starts ended. */
  readonly ends: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly serveEnds: readonly string[]
  readonly realSeconds: number
  /** What people did because they were told to. */
  readonly remedies: readonly string[]
  /** Virtual minutes from the last order until nothing was left to do. */
  readonly quietAfter: number
}

export async function accountOf(databaseUrl: string): Promise<Kept> {
  const db = await openDb(databaseUrl, { readonly: true })
  try {
    const numbers = <T extends { count: number }>(rows: readonly T[]) => rows.map((row) => ({ ...row, count: Number(row.count) }))
    const inbox = numbers(
      await db.rows<Kept['inbox'][number]>(
        `select provider, state, count(*) as count, sum(times) as times from inbox group by provider, state order by 1, 2`,
      ),
    )
    const tasks = numbers(
      await db.rows<Kept['tasks'][number]>('select kind, state, count(*) as count from tasks group by kind, state order by 1, 2'),
    )
    const publications = numbers(
      await db.rows<{ channel: string; state: string; held: string | null; count: number }>(
        'select channel, state, held, count(*) as count from publications group by channel, state, held order by 1, 2',
      ),
    )
    const alerts = await db.rows<{
      rule: string
      channel: string
      severity: string
      count: number
      message: string
      next: string
      resolved_at: number | null
      notified_at: number | null
      resolution_told_at: number | null
    }>('select * from alerts order by opened_at')
    const notices = await db.rows<{ body: string }>(`select body from notices where medium = 'email' order by created_at`)
    const isOpen = ({ state }: { readonly state: string }) => ['pending', 'running', 'waiting'].includes(state)
    const sum = (rows: readonly { readonly count: number }[]) => rows.reduce((all, { count }) => all + count, 0)
    const restless = publications.filter(({ state, held }) => !['settled', 'dead', 'unlisted'].includes(state) && held === null)
    return {
      inbox: inbox.map((row) => ({ ...row, times: Number(row.times) })),
      refused: numbers(
        await db.rows<Kept['refused'][number]>(
          'select provider, reason, sum(count) as count from refusals group by provider, reason order by 1, 2',
        ),
      ),
      tasks,
      alerts: alerts.map((row) => ({
        rule: row.rule,
        channel: row.channel,
        severity: row.severity,
        count: Number(row.count),
        over: row.resolved_at !== null,
        told: row.notified_at !== null,
        toldOver: row.resolution_told_at !== null,
        message: row.message,
        next: row.next,
      })),
      toldTwice: toldTwice(notices.map(({ body }) => body)),
      openWork: sum(inbox.filter(isOpen)) + sum(tasks.filter(isOpen)) + sum(restless),
      stuck: [
        ...inbox
          .filter(({ state }) => state === 'dead')
          .map(({ provider, count }) => `${count} webhooks of ${provider} are dead`),
        ...tasks.filter(({ state }) => state === 'dead').map(({ kind, count }) => `${count} tasks ${kind} are dead`),
        ...publications
          .filter(({ state, held }) => state === 'dead' || (held !== null && state !== 'settled'))
          .map(({ channel, state, held, count }) => `${count} quantities of ${channel} are ${held ?? state}`),
      ],
    }
  } finally {
    await db.close()
  }
}

/**
 * Alerts of which these mails say twice that they began, or that they are over. One mail may say that one alert began and that another is
 * still there.
 */
export function toldTwice(mails: readonly string[]): readonly string[] {
  const block = /^(CRITICAL|WARNING|OVER) (.+)\n {2}what: .*\n {2}since: (\S+ \S+)/gm
  const tellings = mails.flatMap((body) =>
    [...body.matchAll(block)].map(([, badge, what, since]) => `${badge === 'OVER' ? 'over' : 'began'}: ${what}, since ${since}`),
  )
  return [...Map.groupBy(tellings, (one) => one)]
    .filter(([, times]) => times.length > 1)
    .map(([one, times]) => `${one}: ${times.length} times`)
}

/** For people. */
export function printed(day: Accounts): string {
  const { stock, sent, inbox, refused, alerts, mails, trouble, ends, unreadable, unacknowledged } = day
  const channels = day.channels.map((one) => ({
    ...one,
    unreadable: one.lost.filter((line) => unreadable.includes(line)).length,
    lost: one.lost.filter((line) => !unreadable.includes(line) && !unacknowledged.includes(line)).length,
  }))
  const all = (key: 'seeded' | 'shippable' | 'inShipStation' | 'unreadable' | 'packages' | 'confirmed' | 'lost') =>
    channels.reduce((sum, one) => sum + one[key], 0)
  const table = [
    'channel         orders  shippable  in ShipStation  unreadable  packages  confirmed  lost  doubled',
    ...channels.map((one) =>
      row([
        one.channel,
        one.seeded,
        one.shippable,
        one.inShipStation,
        one.unreadable,
        one.packages,
        one.confirmed,
        one.lost,
        one.doubled.length,
      ]),
    ),
    row([
      'all',
      all('seeded'),
      all('shippable'),
      all('inShipStation'),
      all('unreadable'),
      all('packages'),
      all('confirmed'),
      all('lost'),
      channels.reduce((sum, { doubled }) => sum + doubled.length, 0),
    ]),
  ]
  const byRule = Map.groupBy(alerts, ({ rule, channel }) => `${rule} ${channel}`)
  return [
    `quiet ${day.quietAfter} virtual minutes after the last order; ${day.realSeconds} real seconds`,
    ...table,
    `shipped and told before their acknowledgement came through: ${unacknowledged.length}`,
    `quantities: ${stock.listed} listings, ${stock.wrong.length} wrong, ${stock.trespasses.length} trespasses, ${stock.oversold.length} oversold`,
    `webhooks sent: ${[...sent].map(([how, list]) => `${how} ${list.length}`).join('; ')}`,
    `order numbers pushed: ${counted(countsOf(day.pushes))}`,
    `kept: ${inbox.map(({ provider, state, count, times }) => `${provider} ${count} ${state} (came ${times} times)`).join('; ')}`,
    `refused: ${refused.map(({ provider, reason, count }) => `${provider} ${reason} ${count}`).join('; ')}`,
    `hostile requests: ${counted(trouble?.hostile)}`,
    `faults: ${counted(trouble?.faults)}`,
    `killed: ${trouble?.kills ?? 0} commands (of them ${[...ends.values()].reduce((sum, one) => sum + (one.get('SIGKILL') ?? 0), 0)} on their way), ${trouble?.servesKilled ?? 0} serves; stopped: ${trouble?.servesStopped ?? 0}; ${day.serveEnds.join(' | ')}`,
    ...[...ends].map(([name, how]) => `  ${name}: ${counted(how)}`),
    `people ran what they were told: ${counted(countsOf(day.remedies))}`,
    `alerts: ${alerts.length} opened, ${alerts.filter(({ over }) => over).length} over, ${alerts.filter(({ told }) => told).length} told, ${alerts.filter(({ over, told, toldOver }) => over && told && toldOver).length} told to be over; ${mails.length} mails`,
    ...[...byRule].map(
      ([name, list]) =>
        `  ${name}: ${list.length}x, ${list.filter(({ told }) => told).length} told, ${list.filter(({ over }) => !over).length} still open: ${list[0]?.message.slice(0, 110)}`,
    ),
  ].join('\n')
}

function row(cells: readonly (string | number)[]): string {
  const widths = [14, 8, 11, 16, 12, 10, 11, 6, 9]
  return cells.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[0] ?? 0) : String(cell).padStart(widths[i] ?? 0))).join('')
}

function countsOf(values: readonly (number | string)[]): ReadonlyMap<number | string, number> {
  return new Map([...Map.groupBy(values, (value) => value)].map(([value, list]) => [value, list.length]))
}

function counted(counts: ReadonlyMap<unknown, number> | undefined): string {
  return [...(counts ?? [])].map(([what, count]) => `${what} ${count}`).join(', ') || 'none'
}
