import { oneLine } from '../config/problems.ts'
import type { Run } from '../context.ts'
import { addEvents } from '../db/events.ts'
import { changeSetting, namesInStock, operatorSetting, operatorSettings } from '../db/settings.ts'
import { hasStock } from '../db/stock.ts'
import { OperatorError } from '../errors.ts'
import type { ChannelCode } from '../model/channel.ts'
import { skuKeyOf } from '../model/stock.ts'
import { type Group, groups, nearestSettingKey, parseSettingKey, type SettingKey, settingKeyText } from './setting-keys.ts'
import { pausesAfter, pausesIn, pausesText, stillOn } from './settings-pauses.ts'
import { plainValue } from './settings-values.ts'

/** A setting before and after; undefined: not set at run time, so that the file's value holds. */
export interface SettingChange {
  readonly key: string
  readonly old: string | undefined
  readonly now: string | undefined
  readonly changed: boolean
}

/**
 * Sets one setting, with an event, all or nothing. A value that is there already changes nothing. Throws OperatorError (exit 2) for an unknown
 * key, channel, SKU, brand or category and for a value that the configuration file would not take either.
 */
export async function setSetting(run: Run, text: string, value: string): Promise<SettingChange> {
  const key = parseSettingKey(text)
  if (key === undefined) throw unknownKey(text)
  if ('channel' in key && key.channel !== undefined) assertChannelCode(run, key.channel)
  const given = value.trim()
  const read = plainValue(key, given)
  if (!read.ok) throw refused(text, read.why)
  if (key.level === 'inventory' && key.name === 'main_channel') assertChannelCode(run, given)
  const stored = await storedKey(run, key)
  return rewriteSetting(run, stored, 'set', (old) => {
    if (isPause(key) && old !== undefined) return pausesText(pausesAfter(pausesIn(old), pausesIn(given), run.clock.now()))
    const before = old === undefined ? undefined : plainValue(key, old)
    return before?.ok === true && before.value === read.value ? old : given
  })
}

/** Takes one setting away, so that the file's value holds again; one that is not set changes nothing. Throws OperatorError for an unknown key. */
export async function unsetSetting(run: Run, text: string): Promise<SettingChange> {
  const key = parseSettingKey(text)
  const stored = key === undefined ? undefined : await spelledAsStored(run, key)
  // A row that an older version left behind can be taken away though its key means nothing any more.
  const known = stored ?? (await operatorSettings(run.db)).find((row) => row.key === text)?.key
  if (known === undefined && key === undefined) throw unknownKey(text)
  if (known === undefined) return { key: text, old: undefined, now: undefined, changed: false }
  return rewriteSetting(run, known, 'unset', (old) => {
    const pauses = pausesIn(old)
    const now = run.clock.now()
    if (!isPause(key) || !run.settings.channels.has(key.channel) || stillOn(pauses, now).length === 0) return undefined
    return pausesText(pausesAfter(pauses, [], now))
  })
}

function isPause(key: SettingKey | undefined): key is Extract<SettingKey, { readonly level: 'channel' }> {
  return key?.level === 'channel' && key.part === 'paused'
}

function isOfGoods(key: SettingKey): key is Extract<SettingKey, { readonly level: Group }> {
  return groups.some((group) => group === key.level)
}

const MOST_TRIES = 10

/** Reads a setting, decides and writes it with its event in one transaction; when somebody else was faster, all over again. */
export async function rewriteSetting(
  run: Run,
  key: string,
  what: string,
  decide: (old: string | undefined) => string | undefined,
): Promise<SettingChange> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const change = await run.db.transaction(async (tx): Promise<SettingChange | undefined> => {
      const old = (await operatorSetting(tx, key))?.value
      const now = decide(old)
      if (now === old) return { key, old, now, changed: false }
      const at = run.clock.now()
      if (!(await changeSetting(tx, { key, from: old, to: now, by: run.actor }, at))) return undefined
      const detail = { key, old: old ?? null, new: now ?? null }
      const entityId = key.slice(0, 160)
      await addEvents(tx, [
        { id: run.ids.next(), at, runId: run.id, actor: run.actor, entity: 'setting', entityId, what, detail },
      ])
      return { key, old, now, changed: true }
    })
    if (change === undefined) continue
    if (change.changed) run.log.info({ setting: key, old: change.old ?? null, new: change.now ?? null }, `setting ${what}`)
    return change
  }
  throw refused(key, 'somebody else keeps changing it at the same time')
}

/** Throws OperatorError (exit 2) for a channel that the configuration does not have. One that is switched off there counts as known. */
export function assertChannelCode(run: Run, channel: ChannelCode): void {
  if (run.settings.channels.has(channel)) return
  throw new OperatorError({
    what: `unknown channel '${oneLine(channel, 40)}'`,
    where: 'the configuration',
    why: `it has ${[...run.settings.channels.keys()].join(', ')}; nothing was changed`,
    next: 'isync config:check shows every channel',
  })
}

/** The key as it is or will be in the table: goods that differ in case only have one setting, not two. */
async function storedKey(run: Run, key: SettingKey): Promise<string> {
  if (!isOfGoods(key)) return settingKeyText(key)
  const spellings = await inStock(run, key.level, key.name)
  const stored = await spelledAsStored(run, key)
  return stored ?? settingKeyText({ ...key, name: spellings.includes(key.name) ? key.name : (spellings[0] ?? key.name) })
}

async function spelledAsStored(run: Run, key: SettingKey): Promise<string | undefined> {
  const text = settingKeyText(key)
  if ((await operatorSetting(run.db, text)) !== undefined) return text
  if (!isOfGoods(key)) return undefined
  const wanted = sameness(key)
  return (await operatorSettings(run.db)).find((row) => sameness(parseSettingKey(row.key)) === wanted)?.key
}

function sameness(key: SettingKey | undefined): string | undefined {
  if (key === undefined) return undefined
  return settingKeyText(isOfGoods(key) ? { ...key, name: skuKeyOf(key.name) } : key)
}

const columns = { skus: 'sku', brands: 'brand', categories: 'category' } as const satisfies Record<Group, string>

/** How the stock spells it. Throws OperatorError when there is stock and none of it is called so. */
async function inStock(run: Run, level: Group, name: string): Promise<readonly string[]> {
  const column = columns[level]
  const skuKey = skuKeyOf(name)
  const found = (await namesInStock(run.db, column, skuKey)).filter((one) => skuKeyOf(one) === skuKey)
  if (found.length > 0 || !(await hasStock(run.db))) return found
  throw new OperatorError({
    what: `unknown ${column === 'sku' ? 'SKU' : column} '${name}'`,
    where: 'the stock read from Zoho',
    why: 'nothing in it is called so; nothing was changed',
    next: 'check the spelling; if it is new in Zoho, run isync inventory:full first',
  })
}

function unknownKey(text: string): OperatorError {
  const nearest = nearestSettingKey(text)
  return new OperatorError({
    what: `'${oneLine(text, 80)}' is not a setting`,
    where: 'isync settings',
    why:
      nearest === undefined ? 'no setting has that name; nothing was changed' : `did you mean '${nearest}'? nothing was changed`,
    next: 'isync settings shows every setting; isync settings --help how keys are made',
  })
}

function refused(key: string, why: string): OperatorError {
  return new OperatorError({
    what: `${oneLine(key, 80)} was not changed`,
    where: 'isync settings',
    why,
    next: 'isync settings shows the values in effect',
  })
}
