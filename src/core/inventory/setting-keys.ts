import { channelCodePattern } from '../config/channel-keys.ts'
import { nearestOf } from '../config/fields.ts'
import { type LimitName, limitNames } from '../limits/names.ts'
import type { ChannelCode } from '../model/channel.ts'

/** Parts of the allocation rule that every level may have. */
export const ruleParts = ['ratio', 'safety_stock', 'max_oversell_pct', 'max_oversell_abs', 'min_publish_qty', 'rounding'] as const

export type RulePartName = (typeof ruleParts)[number]

/** What `inventory.<name>` may be beside the parts of the rule. */
export const globalNames = [
  'cap_scope',
  'main_channel',
  'small_stock_threshold',
  'low_stock_threshold',
  'rebalance_interval',
  'inactive_items',
  'raise_guard',
  'brakes.zero_pct',
  'brakes.zero_min',
  'brakes.drop_pct',
  'brakes.drop_min',
  'brakes.missing_pct',
  'brakes.missing_min',
] as const

export type GlobalName = (typeof globalNames)[number]

/** What rules can be given for beside everything and a channel, the least specific first. */
export const groups = ['categories', 'brands', 'skus'] as const

export type Group = (typeof groups)[number]

/** A setting that operators change at run time. */
export type SettingKey =
  | { readonly level: 'inventory'; readonly name: RulePartName | GlobalName }
  /** A limit of the reconciliation or of alerts, by its whole key. */
  | { readonly level: 'limit'; readonly name: LimitName }
  | { readonly level: 'channel'; readonly channel: ChannelCode; readonly part: RulePartName | 'paused' }
  | {
      readonly level: Group
      /** The SKU, brand or category. */
      readonly name: string
      /** Undefined: on all channels. */
      readonly channel?: ChannelCode
      readonly part: RulePartName
    }

/** A value read from an operator's text, or why it may not be: `must be 0..10, got 'two'`. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

const inventoryNames = [...ruleParts, ...globalNames]
const channelParts = [...ruleParts, 'paused'] as const

/** Longest SKU, brand or category that the tables hold. */
const NAME_MAX = 200

/**
 * `channels.amazon-us.skus.MUG 1/2.ratio` taken apart; undefined for what is no setting. SKUs may hold dots: a key is read from both its
 * ends, and what remains in the middle is the name.
 */
export function parseSettingKey(text: string): SettingKey | undefined {
  const [head, rest] = cutAtFirst(text)
  if (head === 'inventory') {
    const name = inventoryNames.find((known) => known === rest)
    return name === undefined ? undefined : { level: 'inventory', name }
  }
  const limit = limitNames.find((known) => known === text)
  if (limit !== undefined) return { level: 'limit', name: limit }
  if (head !== 'channels') return parseNamed(text)
  const [channel, own] = cutAtFirst(rest)
  if (!channelCodePattern.test(channel)) return undefined
  const part = channelParts.find((known) => known === own)
  if (part !== undefined) return { level: 'channel', channel, part }
  const named = parseNamed(own)
  return named === undefined ? undefined : { ...named, channel }
}

function parseNamed(text: string): Extract<SettingKey, { readonly level: Group }> | undefined {
  const [head, rest] = cutAtFirst(text)
  const level = groups.find((known) => known === head)
  const dot = rest.lastIndexOf('.')
  const name = rest.slice(0, Math.max(dot, 0))
  const part = ruleParts.find((known) => known === rest.slice(dot + 1))
  return level === undefined || part === undefined || !isName(name) ? undefined : { level, name, part }
}

/** Blanks around a name would make a second, invisible setting for the same goods. */
function isName(name: string): boolean {
  return name !== '' && name === name.trim() && name.length <= NAME_MAX && !/[\p{Cc}\p{Cs}]/u.test(name)
}

/** The key of a setting as it stands in the table and as operators write it. */
export function settingKeyText(key: SettingKey): string {
  if (key.level === 'inventory') return `inventory.${key.name}`
  if (key.level === 'limit') return key.name
  if (key.level === 'channel') return `channels.${key.channel}.${key.part}`
  const own = `${key.level}.${key.name}.${key.part}`
  return key.channel === undefined ? own : `channels.${key.channel}.${own}`
}

/** True for the parts of the rule, false for what stands beside them. */
export function isRulePart(name: RulePartName | GlobalName | 'paused'): name is RulePartName {
  return ruleParts.some((part) => part === name)
}

/** Where an operator wants a value to hold: the flags of the command. At most one of SKU, brand and category. */
export interface SettingPlace {
  readonly channel?: ChannelCode
  readonly level?: Group
  readonly name?: string
}

/** Sections whose keys may be written without them; the first that has the word is meant. */
const sections = ['inventory', 'reconcile', 'alerts'] as const

/** The key that an operator's word and place mean: a whole key, or a short one such as `ratio`. It may still be no setting. */
export function settingKeyAt(word: string, { channel, level, name }: SettingPlace): string {
  const own = level === undefined || name === undefined ? word : `${level}.${name.trim()}.${word}`
  if (channel !== undefined) return `channels.${channel}.${own}`
  if (own !== word || parseSettingKey(word) !== undefined) return own
  return sections.map((section) => `${section}.${word}`).find((whole) => parseSettingKey(whole) !== undefined) ?? word
}

/** The setting that was most likely meant by a key that is none. */
export function nearestSettingKey(text: string): string | undefined {
  const mended = text.includes('.') ? mend(text) : wholeKeyLike(text)
  return mended !== text && parseSettingKey(mended) !== undefined ? mended : undefined
}

function wholeKeyLike(word: string): string {
  const short = nearestOf(word, [...inventoryNames, ...limitNames.map((name) => cutAtFirst(name)[1])])
  return short === undefined ? word : settingKeyAt(short, {})
}

function mend(text: string): string {
  const [head, rest] = cutAtFirst(text)
  const meant = nearestOf(head, [...sections, 'channels', ...groups]) ?? head
  if (meant === 'inventory') return `inventory.${nearestOf(rest, inventoryNames) ?? rest}`
  if (meant === 'reconcile' || meant === 'alerts') return nearestOf(`${meant}.${rest}`, limitNames) ?? text
  if (meant !== 'channels') return mendNamed(text)
  const [channel, own] = cutAtFirst(rest)
  return `channels.${channel}.${own.includes('.') ? mendNamed(own) : (nearestOf(own, channelParts) ?? own)}`
}

function mendNamed(text: string): string {
  const [head, rest] = cutAtFirst(text)
  const dot = rest.lastIndexOf('.')
  const part = rest.slice(dot + 1)
  return `${nearestOf(head, groups) ?? head}.${rest.slice(0, Math.max(dot, 0))}.${nearestOf(part, ruleParts) ?? part}`
}

function cutAtFirst(text: string): readonly [string, string] {
  const dot = text.indexOf('.')
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)]
}
