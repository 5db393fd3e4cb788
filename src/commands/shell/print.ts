import { createRequire } from 'node:module'
import type CliTable from 'cli-table3'
import type { RunProblem } from '../../core/context.ts'
import { printable } from '../../core/privacy/printable.ts'

export interface Output {
  /** One line of text, for a person. Silent under --json. */
  line(text?: string): void
  /** Rows with a head. Silent under --json. */
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void
  /** The one document of a run under --json. Silent otherwise. */
  document(value: unknown): void
  readonly json: boolean
}

/** Results go to stdout: as text and tables, or as one JSON document. */
export function createOutput(
  stream: NodeJS.WritableStream,
  options: { readonly json: boolean; readonly quiet: boolean; readonly color: boolean },
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
      if (!silent && rows.length > 0) stream.write(`${render(head, rows, options.color)}\n`)
    },
    document(value) {
      if (options.json) stream.write(`${JSON.stringify(value, null, 2)}\n`)
    },
  }
}

function render(head: readonly string[], rows: readonly (readonly (string | number)[])[], color: boolean): string {
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
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'))
  const table = new Table({
    head: head.map((name) => name),
    chars: { ...none, ...lines },
    style: { head: color ? ['bold'] : [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: numeric.map((right) => (right ? 'right' : 'left')),
  })
  for (const row of rows) table.push(row.map((cell) => (typeof cell === 'number' ? cell : printable(cell))))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** What went wrong, with what to do about each; at most 20, then how many more. */
export function printProblems(output: Output, problems: readonly RunProblem[]): void {
  for (const { channel, what, why, next } of problems.slice(0, 20)) {
    output.line(`! ${channel}: ${printable(what)}`)
    output.line(`    why:  ${printable(why)}`)
    output.line(`    next: ${printable(next)}`)
  }
  if (problems.length > 20) output.line(`! and ${problems.length - 20} more: isync status`)
}
