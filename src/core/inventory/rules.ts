import type { InventorySettings, Run } from '../context.ts'
import { operatorSettings, type SettingRow } from '../db/settings.ts'
import type { ChannelRule, SkuRules } from '../model/allocation.ts'
import type { ChannelCode } from '../model/channel.ts'
import { skuKeyOf } from '../model/stock.ts'
import { type IgnoredSetting, type Layers, layersOf, over, type Shelf } from './settings-layers.ts'
import { type ChannelPause, inventoryBackAt, pausesOf } from './settings-pauses.ts'

/** The stock rules in effect: the file's, with what operators set at run time in their place. */
export interface RuleBook {
  /** Channels that stock is published on, in the file's order: enabled, and not paused for inventory. */
  readonly channels: readonly ChannelCode[]
  /** Enabled channels that are left out because somebody paused their inventory. */
  readonly paused: readonly ChannelPause[]
  /** Every setting with its value in effect. Its `channels` are all that are enabled, paused or not. */
  readonly effective: InventorySettings
  /**
   * The rules of one SKU. The most specific value wins: default, all, channel, category, brand, SKU; at each of the last three a value for
   * one channel beats the one for all. SKUs, brands and categories that differ in case and in blanks around them only are the same. SKUs
   * without anything special share one object.
   */
  rulesFor(sku: string, brand?: string | null, category?: string | null): SkuRules
  /**
   * When a channel's stock last came back from a pause (epoch ms): it knows nothing of what was recomputed before. Undefined: never.
   */
  readonly backAt: number | undefined
  readonly ignored: readonly IgnoredSetting[]
}

/** Reads what operators set, once, and puts it over the file. What cannot be understood is logged and ignored. */
export async function loadRuleBook(run: Pick<Run, 'db' | 'settings' | 'clock' | 'log'>): Promise<RuleBook> {
  const book = ruleBook(run.settings.inventory, await operatorSettings(run.db), run.clock.now())
  for (const { key, why } of book.ignored) run.log.warn({ setting: key, why }, 'setting ignored')
  return book
}

/** As {@link loadRuleBook}, from rows at hand. `now` (epoch ms) tells which pauses have ended by themselves. */
export function ruleBook(file: InventorySettings, rows: readonly SettingRow[], now: number): RuleBook {
  const layers = layersOf(file, rows)
  const { settings, shelves } = layers
  const pauses = pausesOf(rows, now)
  const codes = [...layers.channels.keys()]
  const channels = codes.filter((code) => pauses.get(code)?.inventory !== true)
  const general = { capScope: settings.capScope, ...smallStockOf(settings) }
  const base = build({})
  /** One entry per pair of brand and category with values of their own: as many as the settings make, however many SKUs there are. */
  const shared = new Map<string, SkuRules>()

  function build(names: Names): SkuRules {
    return { channels: channels.map((code) => channelRule(layers, code, names)), ...general }
  }

  function rulesFor(sku: string, brand?: string | null, category?: string | null): SkuRules {
    const skus = nameOn(shelves.skus, sku)
    const brands = nameOn(shelves.brands, brand)
    const categories = nameOn(shelves.categories, category)
    if (skus !== undefined) return build({ categories, brands, skus })
    if (brands === undefined && categories === undefined) return base
    const key = JSON.stringify([categories, brands])
    const known = shared.get(key) ?? build({ categories, brands })
    shared.set(key, known)
    return known
  }

  const paused = codes.flatMap((code) => pauses.get(code) ?? []).filter(({ inventory }) => inventory)
  const backAt = inventoryBackAt(rows, channels, now)
  return {
    channels,
    paused,
    effective: settings,
    rulesFor,
    backAt,
    ignored: [...layers.ignored, ...withoutMainChannel(settings)],
  }
}

/** What of a SKU has values of its own: its category, its brand, itself. */
interface Names {
  readonly categories?: string | undefined
  readonly brands?: string | undefined
  readonly skus?: string | undefined
}

function nameOn({ names }: Shelf, name: string | null | undefined): string | undefined {
  if (names.size === 0 || name === null || name === undefined) return undefined
  const key = skuKeyOf(name)
  return names.has(key) ? key : undefined
}

function channelRule({ ground, channels, shelves }: Layers, code: ChannelCode, names: Names): ChannelRule {
  let rule = over(ground, channels.get(code))
  for (const group of ['categories', 'brands', 'skus'] as const) {
    const name = names[group]
    if (name === undefined) continue
    rule = over(over(rule, shelves[group].all.get(name)), shelves[group].own.get(code)?.get(name))
  }
  return { channel: code, ...rule.values, origin: rule.origin }
}

function withoutMainChannel({ mainChannel, channels }: InventorySettings): readonly IgnoredSetting[] {
  if (mainChannel === undefined || channels.has(mainChannel)) return []
  return [{ key: 'inventory.main_channel', why: `'${mainChannel}' is not an enabled channel; small stock goes to all channels` }]
}

/** A main channel that is paused keeps its privilege: the few pieces left are not given to the others meanwhile. */
function smallStockOf({ mainChannel, smallStockThreshold, channels }: InventorySettings): Pick<SkuRules, 'smallStock'> {
  if (mainChannel === undefined || smallStockThreshold === 0 || !channels.has(mainChannel)) return {}
  return { smallStock: { channel: mainChannel, threshold: smallStockThreshold } }
}
