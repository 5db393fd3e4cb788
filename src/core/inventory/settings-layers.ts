import type { InventorySettings } from '../context.ts'
import type { SettingRow } from '../db/settings.ts'
import { limitFields } from '../limits/fields.ts'
import type { RulePart, RuleValues } from '../model/allocation.ts'
import type { ChannelCode } from '../model/channel.ts'
import { skuKeyOf } from '../model/stock.ts'
import {
  type Group,
  isRulePart,
  parseSettingKey,
  type Read,
  type RulePartName,
  ruleParts,
  type SettingKey,
} from './setting-keys.ts'
import { readPauses } from './settings-pauses.ts'
import { globalFields, ruleFields } from './settings-values.ts'

/** Values of one level of the rule, each with where it comes from in words. */
export interface Layer {
  readonly values: Partial<RuleValues>
  readonly origin: Partial<Record<RulePart, string>>
}

/** The values for everything: every part is there. */
export interface GroundLayer {
  readonly values: RuleValues
  readonly origin: Readonly<Record<RulePart, string>>
}

/** Values by SKU, brand or category. */
export interface Shelf {
  /** Every name with a value of its own, in the one spelling of {@link skuKeyOf}. */
  readonly names: ReadonlySet<string>
  /** On all channels. */
  readonly all: ReadonlyMap<string, Layer>
  readonly own: ReadonlyMap<ChannelCode, ReadonlyMap<string, Layer>>
}

/** The file's rules and those of run time, level by level. */
export interface Layers {
  /** The file's settings with those of run time in their place. */
  readonly settings: InventorySettings
  readonly ground: GroundLayer
  /** By enabled channel, in the file's order. */
  readonly channels: ReadonlyMap<ChannelCode, Layer>
  readonly shelves: Readonly<Record<Group, Shelf>>
  readonly ignored: readonly IgnoredSetting[]
}

/** A row that means nothing to this version: it is as if it were not there. */
export interface IgnoredSetting {
  readonly key: string
  readonly why: string
}

/** Puts the rows over the file. A key or a value that cannot be understood is told in `ignored`; the file's value holds. */
export function layersOf(file: InventorySettings, rows: readonly SettingRow[]): Layers {
  const shelves = { categories: aShelf(), brands: aShelf(), skus: aShelf() }
  const channels = new Map([...file.channels].map(([code, values]) => [code, layerOfFile(values, `channels.${code}`)]))
  const ignored: IgnoredSetting[] = []
  let settings = file
  let ground = groundOfFile(file.defaults)

  function add(key: SettingKey, row: SettingRow): string | undefined {
    // No rule of stock; whoever needs it reads it.
    if (key.level === 'limit') return complaint(limitFields[key.name].read(row.value))
    if (key.level === 'inventory') {
      const field = isRulePart(key.name) ? undefined : globalFields[key.name]
      const read = field?.read(row.value)
      if (read?.ok === false) return read.why
      if (read !== undefined) settings = read.value(settings)
    }
    if (key.level === 'channel' && key.part === 'paused') return complaint(readPauses(row.value))
    const part = partOf(key)
    if (part === undefined) return undefined
    const { part: name, read: readRule } = ruleFields[part]
    const read = readRule(row.value)
    if (!read.ok) return read.why
    const layer = { values: read.value, origin: { [name]: `${row.key} (set by ${row.changed_by})` } }
    if (key.level === 'inventory') ground = over(ground, layer)
    else if (key.level !== 'channel') putOn(shelves[key.level], key.channel, skuKeyOf(key.name), layer)
    else if (channels.has(key.channel)) channels.set(key.channel, over(channels.get(key.channel) ?? nothing, layer))
    // Otherwise the channel was taken out of the file or switched off there.
    return undefined
  }

  for (const row of rows) {
    const key = parseSettingKey(row.key)
    const why = key === undefined ? 'this version has no such setting' : add(key, row)
    if (why !== undefined) ignored.push({ key: row.key, why })
  }
  const own = new Map([...channels].map(([code, { values }]) => [code, values]))
  return { settings: { ...settings, defaults: ground.values, channels: own }, ground, channels, shelves, ignored }
}

const nothing: Layer = { values: {}, origin: {} }

/** One level with a more specific one above it. */
export function over<L extends Layer>(below: L, above: Layer | undefined): L {
  if (above === undefined) return below
  return { ...below, values: { ...below.values, ...above.values }, origin: { ...below.origin, ...above.origin } }
}

function partOf(key: Exclude<SettingKey, { readonly level: 'limit' }>): RulePartName | undefined {
  const name = key.level === 'inventory' ? key.name : key.part
  return isRulePart(name) ? name : undefined
}

function complaint(read: Read<unknown>): string | undefined {
  return read.ok ? undefined : read.why
}

interface OpenShelf {
  readonly names: Set<string>
  readonly all: Map<string, Layer>
  readonly own: Map<ChannelCode, Map<string, Layer>>
}

function aShelf(): OpenShelf {
  return { names: new Set(), all: new Map(), own: new Map() }
}

function putOn(shelf: OpenShelf, channel: ChannelCode | undefined, name: string, layer: Layer): void {
  const place = channel === undefined ? shelf.all : (shelf.own.get(channel) ?? new Map<string, Layer>())
  if (channel !== undefined) shelf.own.set(channel, place)
  shelf.names.add(name)
  place.set(name, over(place.get(name) ?? nothing, layer))
}

function layerOfFile(values: Partial<RuleValues>, at: string): Layer {
  const origin: Partial<Record<RulePart, string>> = {}
  for (const name of ruleParts) {
    const { part } = ruleFields[name]
    if (values[part] !== undefined) origin[part] = `${at}.${name} (file)`
  }
  return { values, origin }
}

function groundOfFile(values: RuleValues): GroundLayer {
  const originOf = (name: RulePartName) => {
    const { show, byDefault } = ruleFields[name]
    return show(values) === byDefault ? 'default' : `inventory.${name} (file)`
  }
  return {
    values,
    origin: {
      ratio: originOf('ratio'),
      safetyStock: originOf('safety_stock'),
      maxOversellPct: originOf('max_oversell_pct'),
      maxOversellAbs: originOf('max_oversell_abs'),
      minPublishQty: originOf('min_publish_qty'),
      rounding: originOf('rounding'),
    },
  }
}
