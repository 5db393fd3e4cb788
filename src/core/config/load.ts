import { dirname } from 'node:path'
import type { z } from 'zod'
import { keyringProblem } from '../privacy/keys.ts'
import type { ChannelType } from './channel-type.ts'
import { absoluteDatabaseUrl } from './database-url.ts'
import { type ConfigPlace, findConfig, readConfigText, shownName } from './find.ts'
import { ConfigError, type ConfigIssue, type Path, pathText } from './problems.ts'
import { openReferences } from './references.ts'
import { type ResolvedTree, resolveReferences } from './resolve.ts'
import { crossChecks } from './rules.ts'
import { type Config, configSchema } from './schema.ts'
import { type ParsedFile, parseTree } from './tree.ts'

/** Finds, reads and checks the configuration, whose channels may be of these types. Throws ConfigError with every problem at once, OperatorError when there is no file (exit 2). */
export function loadConfig<V>(place: ConfigPlace, types: readonly ChannelType<V>[]): Config<V> {
  const file = findConfig(place)
  const shown = shownName(file, place.cwd)
  const parsed = parseTree(readText(file, shown))
  const flaws = parsed.flaws.map((flaw) => ({ file: shown, ...flaw }))
  if (parsed.tree === undefined) throw new ConfigError({ file, issues: flaws })

  const resolved = resolveReferences(parsed.tree, openReferences({ configFile: file, env: place.env }))
  // Compiling the checks takes three times as long as running them once, and every cron start would pay for it.
  const checked = configSchema(types).safeParse(resolved.tree, { jitless: true })
  const found = [
    ...resolved.problems,
    ...(checked.success ? [] : checked.error.issues.flatMap((issue) => schemaProblems(issue, resolved))),
    ...crossChecks(resolved, types),
  ]
  const issues = [...flaws, ...found.map((problem) => issueAt(shown, parsed, problem))]
  if (!checked.success || issues.length > 0) throw new ConfigError({ file, issues: issues.toSorted(byPlace) })
  return configOf(checked.data, resolved.secrets, file)
}

function configOf<V>(
  { channels, ...settings }: z.output<ReturnType<typeof configSchema<V>>>,
  secrets: readonly string[],
  file: string,
): Config<V> {
  const keys = settings.encryption_keys
  const problem = keyringProblem(keys)
  if (problem !== undefined) throw new Error('encryption keys were not checked')
  const keyTexts = keys.split(',').map((entry) => entry.slice(entry.indexOf(':') + 1).trim())
  return {
    ...settings,
    channels: mapped(channels, ({ channel }) => channel),
    vendors: mapped(channels, ({ vendor }) => vendor),
    database: absoluteDatabaseUrl(settings.database, dirname(file)),
    secrets: [...new Set([...secrets, ...keyTexts])],
    source: { file },
  }
}

/** Without a prototype, like the table it is made from. */
function mapped<T, U>(table: Readonly<Record<string, T>>, to: (value: T) => U): Readonly<Record<string, U>> {
  const made: Record<string, U> = Object.create(null)
  for (const [key, value] of Object.entries(table)) made[key] = to(value)
  return made
}

interface Problem {
  readonly path: Path
  readonly message: string
}

function schemaProblems(issue: z.core.$ZodIssue, resolved: ResolvedTree): readonly Problem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n')
    return issue.keys.map((key, index) => ({ path: [...path, key], message: lines[index] ?? 'is not a known key' }))
  }
  if (issue.code === 'invalid_key') return [{ path, message: issue.message }]
  if (resolved.isUnresolved(path)) return []
  const got = resolved.describe(path)
  return [{ path, message: got === 'nothing' ? `is missing; ${issue.message}` : `${issue.message}, got ${got}` }]
}

function issueAt(file: string, parsed: ParsedFile, problem: Problem): ConfigIssue {
  return { file, ...parsed.placeOf(problem.path), path: pathText(problem.path), message: problem.message }
}

function byPlace(one: ConfigIssue, other: ConfigIssue): number {
  return one.line - other.line || one.column - other.column
}

function readText(file: string, shown: string): string {
  const text = readConfigText(file)
  if (typeof text === 'string') return text
  throw new ConfigError({ file, issues: [{ file: shown, line: 1, column: 1, path: '', message: text.problem }] })
}
