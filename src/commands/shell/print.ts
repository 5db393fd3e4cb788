import { createRequire } from 'node:module'
import type CliTable from 'cli-table3'
import type { RunProblem } from '../../core/context.ts'
import { printable } from '../../core/privacy/printable.ts'
import { fittingWidths } from './table-widths.ts'

export interface Output {
  /** One line of text, for a person. Silent under --json. */
  line(text?: string): void
  /** Rows with a head. Silent under --json. */
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void
  /** The one document of a run under --json. Silent otherwise. */
  document(value: unknown): void
  readonly json: boolean
}

/**
 * Results go to stdout: as text and tables, or as one JSON document. `columns`: characters in a line of the terminal that shows it;
 * without it (a pipe, cron's log) a row stays on one line, however long.
 */
export function createOutput(
  stream: NodeJS.WritableStream,
  options: { readonly json: boolean; readonly quiet: boolean; readonly color: boolean; readonly columns?: number },
): Output {
  const silent = options.json || options.quiet
  // `isync status | head -1` closes the pipe early: that is no failure of ours.
  stream.on('error', () => undefined)
  return {
    json: options.json,
    line(text = '') {
      if (!silent) stream.write(`${text}\n`)
    },
    table(head, rows) {
      if (!silent && rows.length > 0) stream.write(`${render(head, rows, options)}\n`)
    },
    document(value) {
      if (options.json) stream.write(`${JSON.stringify(value, null, 2)}\n`)
    },
  }
}

function render(
  head: readonly string[],
  given: readonly (readonly (string | number)[])[],
  { color, columns }: { readonly color: boolean; readonly columns?: number },
): string {
  // Loaded when a table is really printed: cron with --json or --quiet never needs it.
  const Table = createRequire(import.meta.url)('cli-table3') as typeof CliTable
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  }
  const lines = { left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' }
  const rows = given.map((row) => row.map((cell) => (typeof cell === 'number' ? cell : printable(cell))))
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'))
  const widths = columns === undefined ? undefined : fittingWidths([head, ...rows], columns)
  const table = new Table({
    head: head.map((name) => name),
    chars: { ...none, ...lines },
    style: { head: color ? ['bold'] : [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: numeric.map((right) => (right ? 'right' : 'left')),
    ...(widths === undefined ? {} : { colWidths: [...widths], wordWrap: true }),
  })
  for (const row of rows) table.push([...row])
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** From this many on, items that failed for the same reason are told together. */
const MANY_ALIKE = 3
const MOST_GROUPS = 20
const NAMED_OF_A_GROUP = 3

/** What went wrong, with what to do about it: one entry per reason where many items failed alike; at most 20, then how many more. */
export function printProblems(output: Output, problems: readonly RunProblem[]): void {
  const groups = problemGroups(problems)
  for (const { channel, what, why, next } of groups.slice(0, MOST_GROUPS)) {
    output.line(`! ${channel}: ${printable(what)}`)
    output.line(`    why:  ${printable(why)}`)
    output.line(`    next: ${printable(next)}`)
  }
  if (groups.length > MOST_GROUPS) output.line(`! and ${groups.length - MOST_GROUPS} more: isync status`)
}

function problemGroups(problems: readonly RunProblem[]): readonly RunProblem[] {
  const alike = new Map<string, RunProblem[]>()
  for (const problem of problems) {
    const key = JSON.stringify([problem.channel, kindOf(problem), problem.why])
    alike.set(key, [...(alike.get(key) ?? []), problem])
  }
  return [...alike.values()].flatMap((group) => (group.length < MANY_ALIKE ? group : together(group)))
}

/** `push amazon-us:111-1` -> push. */
function kindOf({ what }: RunProblem): string {
  return what.split(' ', 1)[0] ?? what
}

/** A run reports at most 50 failed items, so nothing here says how many there are: the table above does. */
function together(group: readonly RunProblem[]): readonly RunProblem[] {
  const [first] = group
  if (first === undefined) return []
  const kind = kindOf(first)
  const named = group.slice(0, NAMED_OF_A_GROUP).map(({ what }) => what.slice(kind.length + 1).replace(`${first.channel}:`, ''))
  const all = `isync retry --dead --kind ${kind} --channel ${first.channel}`
  const next = first.next.replace(/ \(now: .*\)$/, '').replace(/isync retry --id \S+/, all)
  return [{ ...first, what: `${kind} ${named.join(', ')} and others`, next }]
}
