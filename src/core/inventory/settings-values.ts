import type { z } from 'zod'
import { channelKeys } from '../config/channel-keys.ts'
import { configKeys } from '../config/schema.ts'
import type { Brakes, InventorySettings } from '../context.ts'
import { limitFields } from '../limits/fields.ts'
import type { RulePart, RuleValues } from '../model/allocation.ts'
import { parseRatio } from '../model/decimal.ts'
import { type GlobalName, isRulePart, type Read, type RulePartName, type SettingKey } from './setting-keys.ts'
import { defaultOf, durationText, mapped, readText, shown } from './setting-text.ts'
import { pausesText, readPauses } from './settings-pauses.ts'

/** One part of the rule, as text and as value. */
export interface RuleField {
  readonly part: RulePart
  read(text: string): Read<Partial<RuleValues>>
  /** One text for every way of writing the same value. */
  plain(text: string): Read<string>
  /** As an operator would write it; undefined where nothing is set. */
  show(values: Partial<RuleValues>): string | undefined
  /** What holds when neither the file nor anybody says otherwise. */
  readonly byDefault: string | undefined
}

/** A setting that there is once for everything. */
export interface GlobalField {
  /** The value, as a change of what the file says. */
  read(text: string): Read<(settings: InventorySettings) => InventorySettings>
  plain(text: string): Read<string>
  show(settings: InventorySettings): string | undefined
  readonly byDefault: string | undefined
}

// The parsers of the file, so that ranges and complaints are the same in both places.
const { shape } = configKeys.inventory.unwrap()
const brakes = shape.brakes.unwrap().shape
/** The file knows a ratio of channels only; where none says one it is 1. */
const ratio = channelKeys.ratio.unwrap().prefault('1')

export const ruleFields: Readonly<Record<RulePartName, RuleField>> = {
  ratio: ruleField(
    'ratio',
    ratio,
    (text) => ({ ratio: parseRatio(text) }),
    (values) => values.ratio?.text,
    (text) => String(parseRatio(text).millionths),
  ),
  safety_stock: ruleField(
    'safetyStock',
    shape.safety_stock,
    (safetyStock) => ({ safetyStock }),
    (values) => values.safetyStock,
  ),
  max_oversell_pct: ruleField(
    'maxOversellPct',
    shape.max_oversell_pct,
    (maxOversellPct) => ({ maxOversellPct }),
    (values) => values.maxOversellPct,
  ),
  max_oversell_abs: ruleField(
    'maxOversellAbs',
    shape.max_oversell_abs,
    (maxOversellAbs) => ({ maxOversellAbs }),
    (values) => values.maxOversellAbs,
  ),
  min_publish_qty: ruleField(
    'minPublishQty',
    shape.min_publish_qty,
    (minPublishQty) => ({ minPublishQty }),
    (values) => values.minPublishQty,
  ),
  rounding: ruleField(
    'rounding',
    shape.rounding,
    (rounding) => ({ rounding }),
    (values) => values.rounding,
  ),
}

export const globalFields: Readonly<Record<GlobalName, GlobalField>> = {
  cap_scope: globalField(
    shape.cap_scope,
    (capScope) => ({ capScope }),
    (settings) => settings.capScope,
  ),
  main_channel: globalField(
    shape.main_channel,
    (mainChannel) => ({ mainChannel }),
    (settings) => settings.mainChannel,
  ),
  small_stock_threshold: globalField(
    shape.small_stock_threshold,
    (smallStockThreshold) => ({ smallStockThreshold }),
    (settings) => settings.smallStockThreshold,
  ),
  low_stock_threshold: globalField(
    shape.low_stock_threshold,
    (lowStockThreshold) => ({ lowStockThreshold }),
    (settings) => settings.lowStockThreshold,
  ),
  rebalance_interval: globalField(
    shape.rebalance_interval,
    (rebalanceIntervalMs) => ({ rebalanceIntervalMs }),
    (settings) => settings.rebalanceIntervalMs,
    durationText,
  ),
  inactive_items: globalField(
    shape.inactive_items,
    (inactiveItems) => ({ inactiveItems }),
    (settings) => settings.inactiveItems,
  ),
  raise_guard: globalField(
    shape.raise_guard,
    (raiseGuard) => ({ raiseGuard }),
    (settings) => settings.raiseGuard,
  ),
  'brakes.zero_pct': brakeField(
    brakes.zero_pct,
    (zeroPct) => ({ zeroPct }),
    (now) => now.zeroPct,
  ),
  'brakes.zero_min': brakeField(
    brakes.zero_min,
    (zeroMin) => ({ zeroMin }),
    (now) => now.zeroMin,
  ),
  'brakes.drop_pct': brakeField(
    brakes.drop_pct,
    (dropPct) => ({ dropPct }),
    (now) => now.dropPct,
  ),
  'brakes.drop_min': brakeField(
    brakes.drop_min,
    (dropMin) => ({ dropMin }),
    (now) => now.dropMin,
  ),
  'brakes.missing_pct': brakeField(
    brakes.missing_pct,
    (missingPct) => ({ missingPct }),
    (now) => now.missingPct,
  ),
  'brakes.missing_min': brakeField(
    brakes.missing_min,
    (missingMin) => ({ missingMin }),
    (now) => now.missingMin,
  ),
}

/** Reads the value of any setting and gives it in the one way of writing it: equal texts are equal values. */
export function plainValue(key: SettingKey, text: string): Read<string> {
  if (key.level === 'limit') return limitFields[key.name].plain(text)
  const name = key.level === 'inventory' ? key.name : key.part
  if (name === 'paused') return mapped(readPauses(text), pausesText)
  return isRulePart(name) ? ruleFields[name].plain(text) : globalFields[name].plain(text)
}

function ruleField<T>(
  part: RulePart,
  schema: z.ZodType<T>,
  put: (value: T) => Partial<RuleValues>,
  get: (values: Partial<RuleValues>) => string | number | undefined,
  plainOf: (value: T) => string = String,
): RuleField {
  return {
    part,
    read: (text) => mapped(readText(schema, text), put),
    plain: (text) => mapped(readText(schema, text), plainOf),
    show: (values) => shown(get(values), String),
    byDefault: defaultOf(schema, String),
  }
}

function globalField<T>(
  schema: z.ZodType<T>,
  put: (value: T) => Partial<InventorySettings>,
  get: (settings: InventorySettings) => T | undefined,
  textOf: (value: T) => string = String,
): GlobalField {
  return {
    read: (text) => mapped(readText(schema, text), (value) => (settings) => ({ ...settings, ...put(value) })),
    plain: (text) => mapped(readText(schema, text), textOf),
    show: (settings) => shown(get(settings), textOf),
    byDefault: defaultOf(schema, textOf),
  }
}

function brakeField(
  schema: z.ZodType<number>,
  put: (value: number) => Partial<Brakes>,
  get: (now: Brakes) => number,
): GlobalField {
  return {
    read: (text) =>
      mapped(readText(schema, text), (value) => (settings) => ({ ...settings, brakes: { ...settings.brakes, ...put(value) } })),
    plain: (text) => mapped(readText(schema, text), String),
    show: (settings) => String(get(settings.brakes)),
    byDefault: defaultOf(schema, String),
  }
}
