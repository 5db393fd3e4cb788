import { Argument, type Command } from 'commander'
import { OperatorError } from '../core/errors.ts'
import { type Group, parseSettingKey, type SettingPlace, settingKeyAt } from '../core/inventory/setting-keys.ts'
import { type SettingChange, setSetting, unsetSetting } from '../core/inventory/settings-change.ts'
import { type ListedSetting, listSettings } from '../core/inventory/settings-list.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'

interface Options extends CommonOptions {
  readonly channel?: string
  readonly sku?: string
  readonly brand?: string
  readonly category?: string
}

type Body = Parameters<typeof withRuntime>[3]

/** `isync settings` */
export function command(): Command {
  return withDryRun(
    newCommand('settings', 'Settings that may be changed while isync runs; they win over the configuration file', [
      'isync settings',
      'isync settings set ratio 0.9 --channel amazon-us',
      'isync settings set safety_stock 5 --sku MUG-1',
      'isync settings set inventory.brakes.zero_pct 30',
      'isync settings set reconcile.auto_remedy false',
      'isync settings set alerts.orders.warning 25',
      'isync settings unset channels.amazon-us.ratio',
    ]).addHelpText(
      'after',
      `
Keys:
  inventory.NAME                            for everything; isync settings shows every NAME
  reconcile.NAME, alerts.NAME               when people are told, and what is repaired
  channels.CODE.PART                        for a channel; PART is also paused (isync pause)
  skus.SKU.PART, brands.NAME.PART, categories.NAME.PART
  channels.CODE.skus.SKU.PART, ...          the same on one channel
  PART: ratio, safety_stock, max_oversell_pct, max_oversell_abs, min_publish_qty or rounding
The most specific wins: everything, channel, category, brand, SKU; there, one channel before all.`,
    ),
  )
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'set', 'unset']).default('list'))
    .argument('[key]', 'the key, or its last word with the place in options')
    .argument('[value]', 'for set: as it would stand in the configuration file')
    .option('--channel <code>', 'on this channel')
    .option('--sku <sku>', 'for this SKU')
    .option('--brand <name>', 'for this brand')
    .option('--category <name>', 'for this category')
    .action((action: 'list' | 'set' | 'unset', key: string | undefined, value: string | undefined, options: Options) => {
      const body = action === 'list' ? list(options, key) : change(action, key, value, options)
      return withRuntime('settings', options, { writes: action !== 'list' }, body)
    })
}

function list(options: Options, key: string | undefined): Body {
  return async ({ run }, output) => {
    const all = await listSettings(run, placeOf(options))
    const settings = key === undefined ? all : all.filter((setting) => setting.key.includes(key))
    printSettings(output, settings)
    return { verdict: 'done', document: { settings: settings.map(documentOf) } }
  }
}

function change(action: 'set' | 'unset', word: string | undefined, value: string | undefined, options: Options): Body {
  return async ({ run, dryRun }, output) => {
    if (word === undefined || (value === undefined) === (action === 'set')) throw wrongCount(action)
    const key = keyOf(word, placeOf(options))
    const made = value === undefined ? await unsetSetting(run, key) : await setSetting(run, key, value)
    const settings = await listSettings(run)
    const notes = [...wonOverBy(made, settings), ...whenItHolds(made)]
    printChange(
      output,
      made,
      settings.find((one) => one.key === made.key),
      dryRun,
    )
    for (const note of made.changed ? notes : []) output.line(note)
    const document = { key: made.key, old: made.old ?? null, new: made.now ?? null, changed: made.changed, notes }
    return { verdict: 'done', document, counts: { changed: Number(made.changed) } }
  }
}

function placeOf({ channel, sku, brand, category }: Options): SettingPlace {
  const given = (
    [
      ['skus', sku],
      ['brands', brand],
      ['categories', category],
    ] as const
  ).flatMap(([level, name]) => (name === undefined ? [] : [{ level, name }]))
  if (given.length > 1) throw usage('more than one place is given', 'of --sku, --brand and --category only one can be meant')
  const [place = {}]: readonly { readonly level?: Group; readonly name?: string }[] = given
  return channel === undefined ? place : { ...place, channel }
}

function keyOf(word: string, place: SettingPlace): string {
  const placed = place.channel !== undefined || place.level !== undefined
  if (placed && parseSettingKey(word) !== undefined)
    throw usage(`'${word}' names its place already`, 'the options name another one')
  return settingKeyAt(word, place)
}

function printSettings(output: Output, settings: readonly ListedSetting[]): void {
  if (settings.length === 0) output.line('Nothing is set there.')
  output.table(
    ['setting', 'value', 'from'],
    settings.slice(0, MOST_SHOWN).map((setting) => [setting.key, setting.value ?? '-', originText(setting)]),
  )
  if (settings.length > MOST_SHOWN)
    output.line(`... and ${settings.length - MOST_SHOWN} more (--json has all; --channel and --sku narrow it)`)
  for (const { key, ignored, setBy } of settings) {
    if (ignored !== undefined)
      output.line(`! ${key}, set by ${setBy}, has no effect: ${ignored}; isync settings unset takes it away`)
  }
}

const MOST_SHOWN = 500

function originText({ origin, from, setBy, setAt, otherwise }: ListedSetting): string {
  if (origin === 'inherited') return from ?? ''
  if (origin !== 'set') return origin
  const at = new Date(setAt ?? 0).toISOString()
  return `set by ${setBy} ${at}${otherwise === null || otherwise === undefined ? '' : ` (else ${otherwise})`}`
}

function printChange(
  output: Output,
  { key, old, now, changed }: SettingChange,
  after: ListedSetting | undefined,
  dryRun: boolean,
): void {
  if (!changed) {
    output.line(now === undefined ? `${key} is not set. Nothing was changed.` : `${key} is ${now} already. Nothing was changed.`)
    return
  }
  const holds =
    now === undefined && after !== undefined && after.value !== null ? ` (now ${after.value}, ${originText(after)})` : ''
  output.line(`${dryRun ? 'would change ' : ''}${key}: ${old ?? 'not set'} -> ${now ?? 'not set'}${holds}`)
}

/** A value for everything does nothing on a channel that has one of its own. */
function wonOverBy({ key }: SettingChange, settings: readonly ListedSetting[]): readonly string[] {
  const parsed = parseSettingKey(key)
  if (parsed?.level !== 'inventory') return []
  const own = settings.filter(({ key: other, origin }) => {
    const at = parseSettingKey(other)
    return at?.level === 'channel' && at.part === parsed.name && origin !== 'inherited'
  })
  return own.map(({ key: other, value }) => `${other} (${value}) wins over it there.`)
}

const fromNextRun = ['low_stock_threshold', 'rebalance_interval', 'raise_guard']

function whenItHolds({ key }: SettingChange): readonly string[] {
  const name = key.slice(key.lastIndexOf('.') + 1)
  if (
    fromNextRun.includes(name) ||
    name === 'paused' ||
    key.startsWith('inventory.brakes.') ||
    parseSettingKey(key)?.level === 'limit'
  )
    return ['It holds from the next run on.']
  return ['isync inventory:rebalance --all applies it now; otherwise the next recomputation of everything does.']
}

function documentOf({ setBy, setAt, ...setting }: ListedSetting): Record<string, unknown> {
  return {
    ...setting,
    ...(setBy === undefined ? {} : { set_by: setBy }),
    ...(setAt === undefined ? {} : { set_at: new Date(setAt).toISOString() }),
  }
}

function wrongCount(action: 'set' | 'unset'): OperatorError {
  return usage(
    `settings ${action} takes ${action === 'set' ? 'a key and a value' : 'a key and no value'}`,
    action === 'set' ? 'isync settings set ratio 0.9 --channel amazon-us' : 'isync settings unset channels.amazon-us.ratio',
  )
}

function usage(what: string, why: string): OperatorError {
  return new OperatorError({ what, where: 'isync settings', why, next: 'isync settings --help' })
}
