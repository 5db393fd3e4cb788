import { type ConfigPlace, readConfigText, shownName } from '../config/find.ts'
import { ConfigError, type ConfigIssue, oneLine, type Path, pathText } from '../config/problems.ts'
import { openReferences, referencePattern } from '../config/references.ts'
import { parseTree, type Tree, type TreeMap } from '../config/tree.ts'
import type { SkuRules } from '../model/allocation.ts'
import type { ChannelCode } from '../model/channel.ts'
import { laidOver, type RuleLayer, type RuleName, ruleLayer, ruleNames, unitsOf, wordOf } from './rule-text.ts'

/** The stock rules of a configuration file, and nothing else of it. */
export interface RuleFile {
  /** Absolute path. */
  readonly file: string
  readonly all: RuleLayer
  /** What each channel has of its own, in the file's order. */
  readonly channels: ReadonlyMap<ChannelCode, RuleLayer & { readonly enabled: boolean }>
  readonly capScope: SkuRules['capScope']
  readonly mainChannel: ChannelCode | undefined
  readonly smallStockThreshold: number
}

const nothing: RuleLayer = { values: {}, origin: {} }
const names = Object.keys(ruleNames).filter((name): name is RuleName => Object.hasOwn(ruleNames, name))

/**
 * Reads the rules alone, so that a what-if works where the secrets are not. `file` is an absolute path. Throws ConfigError for a file that is
 * none, and for rules that are out of bounds.
 */
export function readRuleFile(file: string, place: ConfigPlace): RuleFile {
  const shown = shownName(file, place.cwd)
  const text = readConfigText(file)
  if (typeof text !== 'string')
    throw new ConfigError({ file, issues: [{ file: shown, line: 1, column: 1, path: '', message: text.problem }] })
  const { tree, flaws, placeOf } = parseTree(text)
  const references = openReferences({ configFile: file, env: place.env })
  const issues: ConfigIssue[] = flaws.map((flaw) => ({ file: shown, ...flaw }))

  function read<T>(path: Path, section: TreeMap, name: string, parse: (text: string) => T): T | undefined {
    const written = section[name]
    if (written === undefined) return undefined
    const at = [...path, name]
    try {
      return parse(resolved(written))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const got = typeof written === 'string' ? `, got '${oneLine(written, 40)}'` : ''
      issues.push({ file: shown, ...placeOf(at), path: pathText(at), message: `${error.message}${got}` })
      return undefined
    }
  }

  function resolved(written: Tree): string {
    if (typeof written !== 'string') throw new RangeError('must be one value')
    return written.replace(referencePattern, (_, name: string) => {
      const found = references.lookUp(name)
      if (found.status === 'missing') throw new RangeError(found.why)
      return found.value
    })
  }

  function layerAt(path: Path, section: TreeMap): RuleLayer {
    const origin = (name: string) => `${pathText([...path, name])} (file)`
    const layers = names.map((name) => read(path, section, name, (value) => ruleLayer(name, value, origin(name))) ?? nothing)
    return layers.reduce(laidOver, nothing)
  }

  const inventory = sectionOf(tree?.inventory)
  const setting = <T>(name: string, parse: (value: string) => T) => read(['inventory'], inventory, name, parse)
  const channels = Object.entries(sectionOf(tree?.channels)).map(([code, value]) => {
    const section = sectionOf(value)
    const enabled = read(['channels', code], section, 'enabled', (word) => wordOf(word, ['true', 'false'])) !== 'false'
    return [code, { ...layerAt(['channels', code], section), enabled }] as const
  })
  const rules: RuleFile = {
    file,
    all: layerAt(['inventory'], inventory),
    channels: new Map(channels),
    capScope: setting('cap_scope', (value) => wordOf(value, ['channel', 'total'])) ?? 'channel',
    mainChannel: setting('main_channel', (value) => value),
    smallStockThreshold: setting('small_stock_threshold', (value) => unitsOf(value)) ?? 0,
  }
  if (tree === undefined || issues.length > 0) throw new ConfigError({ file, issues })
  return rules
}

function sectionOf(value: Tree | undefined): TreeMap {
  return value === undefined || !isSection(value) ? {} : value
}

function isSection(value: Tree): value is TreeMap {
  return typeof value !== 'string' && !Array.isArray(value)
}
