import { Command, InvalidArgumentError } from 'commander'
import { exitCodeHelp } from './verdict.ts'

/** Options that every command has. */
export interface CommonOptions {
  readonly config?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly dryRun?: boolean
}

/** A command with the options that all have, and a help that ends with examples and exit codes. */
export function newCommand(name: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  ${example}`).join('\n')
  return new Command(name)
    .description(description)
    .option('--config <path>', 'configuration file instead of ./isync.config.yaml or $ISYNC_CONFIG')
    .option('--json', 'one JSON document on stdout')
    .option('-q, --quiet', 'no output but errors')
    .option('-v, --verbose', 'log in detail (stderr)')
    .addHelpText('after', `\nExamples:\n${lines}\n${exitCodeHelp}`)
}

/** Adds `--dry-run` in the words that every writing command uses. */
export function withDryRun(command: Command): Command {
  return command.option('--dry-run', 'read the vendors, write neither there nor in the database, print what would happen')
}

/** An instant as an operator gives it: absolute, or so long before the run's own now. */
export type Instant = (now: number) => number

/** `2026-01-24`, `2026-01-24T09:00Z`, `90m`, `12h`, `7d`. A time without a zone is UTC. */
export function parseInstant(text: string): Instant {
  const ago = /^(\d{1,6})([mhd])$/.exec(text)
  if (ago?.[1] !== undefined) {
    const ms = Number(ago[1]) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[ago[2] as 'm' | 'h' | 'd']
    return (now) => now - ms
  }
  const parts = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text)
  const at = parts === null ? Number.NaN : Date.parse(parts[1] !== undefined && parts[2] === undefined ? `${text}Z` : text)
  if (Number.isNaN(at)) {
    throw new InvalidArgumentError('Give a time such as 2026-01-24T09:00Z, a day, or an age such as 90m, 12h, 7d.')
  }
  return () => at
}

/** As {@link parseInstant}, but `2h` is so long from now. */
export function parseDeadline(text: string): Instant {
  const instant = parseInstant(text)
  return /^\d+[mhd]$/.test(text) ? (now) => 2 * now - instant(now) : instant
}

/** Collects a repeatable option, also given as a comma list. Nothing at all is an unset variable in a script, not a wish for nothing. */
export function collect(value: string, before: readonly string[] = []): string[] {
  const given = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (given.length === 0) throw new InvalidArgumentError('It is empty.')
  return [...before, ...given]
}

/** Collects a repeatable option whose values may hold commas: SKUs. */
export function collectWhole(value: string, before: readonly string[] = []): string[] {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty.')
  return [...before, value]
}

/** A port of this machine that leaves room for the ports that follow it. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port >= 0 && port <= 65_500)) throw new InvalidArgumentError('Give a port 1..65500, or 0 for any free ones.')
  return port
}
