import type { Run } from '../context.ts'
import { operatorSettings, type SettingRow } from '../db/settings.ts'
import { limitFields } from '../limits/fields.ts'
import { type LimitName, limitNames } from '../limits/names.ts'
import type { ChannelCode } from '../model/channel.ts'
import { skuKeyOf } from '../model/stock.ts'
import { type RuleBook, ruleBook } from './rules.ts'
import {
  type GlobalName,
  globalNames,
  isRulePart,
  parseSettingKey,
  type RulePartName,
  ruleParts,
  type SettingPlace,
  settingKeyText,
} from './setting-keys.ts'
import { pausesIn, pausesText, stillOn } from './settings-pauses.ts'
import { globalFields, ruleFields } from './settings-values.ts'

/** One setting and where its value comes from. */
export interface ListedSetting {
  readonly key: string
  /** As an operator would write it; null: none. */
  readonly value: string | null
  /**
   * - `set`: by an operator at run time
   * - `file`: by the configuration file
   * - `default`: by nobody, or by the file as the default has it
   * - `inherited`: the channel has none of its own; `from` is the key that holds
   */
  readonly origin: 'default' | 'file' | 'inherited' | 'set'
  readonly from?: string
  readonly setBy?: string
  /** Epoch ms. */
  readonly setAt?: number
  /** What would hold if it were unset; null: nothing. */
  readonly otherwise?: string | null
  /** Why what was set has no effect. */
  readonly ignored?: string
}

/** What an operator may want to see: everything, or what holds for a channel, a SKU, a brand or a category. */
export async function listSettings(
  run: Pick<Run, 'db' | 'settings' | 'clock'>,
  place: SettingPlace = {},
): Promise<readonly ListedSetting[]> {
  const rows = await operatorSettings(run.db)
  const book = ruleBook(run.settings.inventory, rows, run.clock.now())
  const view: View = {
    run,
    book,
    set: new Map(rows.map((row) => [row.key, row])),
    ignored: new Map(book.ignored.map(({ key, why }) => [key, why])),
  }
  const fixed = [
    ...[...ruleParts, ...globalNames].map((name) => ofInventory(view, name)),
    ...[...run.settings.inventory.channels.keys()].flatMap((channel) => [
      ...ruleParts.map((part) => ofChannel(view, channel, part)),
      ofPauses(view, channel),
    ]),
    ...limitNames.map((name) => ofLimit(view, name)),
  ]
  const shown = new Set(fixed.map(({ key }) => key))
  const others = rows.filter(({ key }) => !shown.has(key)).map((row) => ofRow(view, row))
  return [...fixed, ...others].filter(({ key }) => isAt(key, place))
}

interface View {
  readonly run: Pick<Run, 'settings' | 'clock'>
  readonly book: RuleBook
  readonly set: ReadonlyMap<string, SettingRow>
  readonly ignored: ReadonlyMap<string, string>
}

function ofInventory(view: View, name: RulePartName | GlobalName): ListedSetting {
  const { inventory } = view.run.settings
  const field = isRulePart(name) ? ruleFields[name] : globalFields[name]
  const value = (isRulePart(name) ? ruleFields[name].show(inventory.defaults) : globalFields[name].show(inventory)) ?? null
  const origin = value === (field.byDefault ?? null) ? 'default' : 'file'
  return withRow(view, { key: `inventory.${name}`, value, origin })
}

function ofLimit(view: View, name: LimitName): ListedSetting {
  const { show, byDefault } = limitFields[name]
  const value = show(view.run.settings)
  return withRow(view, { key: name, value, origin: value === byDefault ? 'default' : 'file' })
}

function ofChannel(view: View, channel: ChannelCode, part: RulePartName): ListedSetting {
  const { show } = ruleFields[part]
  const key = settingKeyText({ level: 'channel', channel, part })
  const own = show(view.run.settings.inventory.channels.get(channel) ?? {})
  if (own !== undefined) return withRow(view, { key, value: own, origin: 'file' })
  const value = show(view.book.effective.defaults) ?? null
  return withRow(view, { key, value, origin: 'inherited', from: `inventory.${part}` })
}

function ofPauses(view: View, channel: ChannelCode): ListedSetting {
  const key = settingKeyText({ level: 'channel', channel, part: 'paused' })
  const row = view.set.get(key)
  const now = stillOn(pausesIn(row?.value), view.run.clock.now())
  const listed = withRow(view, { key, value: null, origin: 'default' })
  if (listed.origin !== 'set' || now.length > 0) return { ...listed, ...(now.length > 0 ? { value: pausesText(now) } : {}) }
  return { key, value: null, origin: 'default' }
}

/** A value of its own wins over what the file says, if it can be understood. */
function withRow(view: View, otherwise: ListedSetting): ListedSetting {
  const row = view.set.get(otherwise.key)
  if (row === undefined) return otherwise
  const by = { setBy: row.changed_by, setAt: row.changed_at }
  const ignored = view.ignored.get(row.key)
  if (ignored !== undefined) return { ...otherwise, ...by, ignored }
  return { key: row.key, value: row.value, origin: 'set', ...by, otherwise: otherwise.value }
}

/** What stands in the table only: SKUs, brands, categories, channels that are off, keys of another version. */
function ofRow(view: View, row: SettingRow): ListedSetting {
  const key = parseSettingKey(row.key)
  const channel = key !== undefined && 'channel' in key ? key.channel : undefined
  const off = channel !== undefined && !view.run.settings.inventory.channels.has(channel)
  const ignored = view.ignored.get(row.key) ?? (off ? `channel ${channel} is not enabled in the configuration` : undefined)
  return {
    key: row.key,
    value: row.value,
    origin: 'set',
    setBy: row.changed_by,
    setAt: row.changed_at,
    otherwise: null,
    ...(ignored === undefined ? {} : { ignored }),
  }
}

function isAt(text: string, { channel, level, name }: SettingPlace): boolean {
  if (channel === undefined && level === undefined) return true
  const key = parseSettingKey(text)
  if (key === undefined || key.level === 'inventory' || key.level === 'limit') return false
  if (channel !== undefined && key.channel !== channel) return false
  return level === undefined || (key.level === level && name !== undefined && skuKeyOf(key.name) === skuKeyOf(name))
}
