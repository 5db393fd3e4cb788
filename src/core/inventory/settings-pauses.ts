import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { operatorSettings, type SettingRow } from '../db/settings.ts'
import type { Paused } from '../model/allocation.ts'
import type { ChannelCode } from '../model/channel.ts'
import { parseSettingKey, type Read } from './setting-keys.ts'

/** One pause of a channel as it stands in its setting: `orders`, `all until 2026-03-02T15:00:00.000Z`. */
export interface Pause {
  readonly what: Paused
  /** Epoch ms; it ends by itself then. */
  readonly until?: number
}

/** What is paused on a channel at present. */
export interface ChannelPause {
  readonly channel: ChannelCode
  /** Its orders are neither read, accepted nor pushed. */
  readonly orders: boolean
  /** No quantity is published. */
  readonly inventory: boolean
  /** Not even packages are confirmed. */
  readonly tracking: boolean
  /** In words: `orders, inventory until 2026-03-02T15:00Z (by ann, since 2026-03-02T12:00Z)`. */
  readonly text: string
  readonly pauses: readonly Pause[]
  readonly by: string
  /** Epoch ms. */
  readonly since: number
}

const pauseWords = ['orders', 'inventory', 'all'] as const satisfies readonly Paused[]
const untilPattern = /^(orders|inventory|all)(?: until (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{3})?)?Z))?$/

/** The value of a `paused` setting: pauses with a comma between them, at most one of a kind. */
export function readPauses(text: string): Read<readonly Pause[]> {
  const pauses: Pause[] = []
  for (const part of text.split(',')) {
    const [, word, until] = untilPattern.exec(part.trim()) ?? []
    const what = pauseWords.find((known) => known === word)
    const at = until === undefined ? undefined : Date.parse(until)
    if (what === undefined || Number.isNaN(at) || pauses.some((other) => other.what === what)) return notPauses(text)
    pauses.push(at === undefined ? { what } : { what, until: at })
  }
  return { ok: true, value: pauses }
}

function notPauses(text: string): Read<never> {
  const why = `must be orders, inventory or all, each with 'until 2026-03-02T15:00Z' behind it if it ends by itself, got '${text.slice(0, 40)}'`
  return { ok: false, why }
}

/** The value that {@link readPauses} reads. */
export function pausesText(pauses: readonly Pause[]): string {
  return pauses
    .map(({ what, until }) => (until === undefined ? what : `${what} until ${new Date(until).toISOString()}`))
    .join(', ')
}

/**
 * What the setting says once just `active` is paused: what ends by that is kept as ended `now`, so that a later run can tell that a
 * channel's stock was left alone until then.
 */
export function pausesAfter(old: readonly Pause[], active: readonly Pause[], now: number): readonly Pause[] {
  const ended = old
    .filter(({ what }) => !active.some((other) => other.what === what))
    .map((pause) => (stillOn([pause], now).length > 0 ? { what: pause.what, until: now } : pause))
  return [...active, ...ended].toSorted((one, other) => pauseWords.indexOf(one.what) - pauseWords.indexOf(other.what))
}

/** When the inventory of one of these channels last came back from a pause; undefined: never. Epoch ms. */
export function inventoryBackAt(rows: readonly SettingRow[], channels: readonly ChannelCode[], now: number): number | undefined {
  const ends = rows.flatMap((row) => {
    const key = parseSettingKey(row.key)
    if (key?.level !== 'channel' || key.part !== 'paused' || !channels.includes(key.channel)) return []
    return pausesIn(row.value).flatMap(({ what, until }) =>
      what !== 'orders' && until !== undefined && until <= now ? [until] : [],
    )
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** The pauses of a setting, ended ones too; none in a value that cannot be read. */
export function pausesIn(text: string | undefined): readonly Pause[] {
  const read = text === undefined ? undefined : readPauses(text)
  return read?.ok === true ? read.value : []
}

/** What is paused now, by channel. Pauses that ended by themselves and values that cannot be read are left out. */
export function pausesOf(rows: readonly SettingRow[], now: number): ReadonlyMap<ChannelCode, ChannelPause> {
  const found = new Map<ChannelCode, ChannelPause>()
  for (const row of rows) {
    const key = parseSettingKey(row.key)
    if (key?.level !== 'channel' || key.part !== 'paused') continue
    const pauses = stillOn(pausesIn(row.value), now)
    if (pauses.length > 0) found.set(key.channel, channelPause(key.channel, pauses, row))
  }
  return found
}

/** Those that have not ended by themselves. */
export function stillOn(pauses: readonly Pause[], now: number): readonly Pause[] {
  return pauses.filter(({ until }) => until === undefined || until > now)
}

function channelPause(channel: ChannelCode, pauses: readonly Pause[], row: SettingRow): ChannelPause {
  const all = pauses.some(({ what }) => what === 'all')
  return {
    channel,
    orders: all || pauses.some(({ what }) => what === 'orders'),
    inventory: all || pauses.some(({ what }) => what === 'inventory'),
    tracking: all,
    text: `${pausesText(pauses)} (by ${row.changed_by}, since ${new Date(row.changed_at).toISOString()})`,
    pauses,
    by: row.changed_by,
    since: row.changed_at,
  }
}

/** One line for each channel that a run leaves alone. */
export function logPaused({ log }: Pick<Run, 'log'>, step: string, { channel, text }: ChannelPause): void {
  log.info({ channel, step, paused: text }, 'channel is paused and left alone')
}

/** What is paused now. Read once at the beginning of a run: one that is at work when a pause begins goes on to its end. */
export async function loadPauses(run: Pick<Run, 'db' | 'clock'>): Promise<ReadonlyMap<ChannelCode, ChannelPause>> {
  return pausesAt(run.db, run.clock.now())
}

/** As {@link loadPauses}, at an instant (epoch ms). */
export async function pausesAt(db: Db, now: number): Promise<ReadonlyMap<ChannelCode, ChannelPause>> {
  return pausesOf(await operatorSettings(db, 'channels.%.paused'), now)
}
