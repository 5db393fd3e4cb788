import type { Command } from 'commander'
import type { KeyUse, RotateReport } from '../core/privacy/rotate.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { startProgress } from './shell/progress.ts'

/** `isync keys:rotate` */
export function command(): Command {
  return withDryRun(
    newCommand('keys:rotate', 'Encrypt everything with the first key of encryption_keys; other commands may run meanwhile', [
      'isync keys:rotate --dry-run',
      'isync keys:rotate',
    ]).addHelpText(
      'after',
      `
The way to a new key, with every host that shares the database:
  1. put it behind the old one: encryption_keys: k1:...,k2:...   (now every host can read it); restart isync serve
  2. put it in front:           encryption_keys: k2:...,k1:...   (now it encrypts); restart isync serve
  3. isync keys:rotate, until it says that k1 may be removed
  4. take k1 out, restart isync serve; keep k1 as long as you keep backups that need it`,
    ),
  ).action((options: CommonOptions) => (options.dryRun === true ? preview(options) : rotate(options)))
}

function rotate(options: CommonOptions): Promise<void> {
  return withRuntime('keys:rotate', options, { writes: true }, async ({ run }, output) => {
    const { rotateKeys } = await import('../core/privacy/rotate.ts')
    const progress = await startProgress('counting', options)
    const report = await rotateKeys(run, (done, total) => progress.update(`${done} of ${total} values`)).finally(() =>
      progress.stop(),
    )
    const { heldBy, verdict, resealed } = report
    if (heldBy !== undefined) {
      const who = typeof heldBy === 'string' ? '' : ` (host ${heldBy.host}, pid ${heldBy.pid})`
      output.line(`Another rotation is at work${who}; nothing to do here.`)
    } else output.line(resealed === 0 ? 'Nothing had to be encrypted anew.' : `Encrypted anew: ${resealed} values.`)
    printUse(output, report)
    printUnopened(output, report)
    const held = heldBy === undefined ? {} : { held_by: typeof heldBy === 'string' ? {} : { host: heldBy.host, pid: heldBy.pid } }
    const { unopened, examples } = report
    return { verdict, document: { ...documentOf(report), resealed, unopened, examples, ...held }, counts: { resealed, unopened } }
  })
}

function preview(options: CommonOptions): Promise<void> {
  return withRuntime('keys:rotate', { ...options, dryRun: false }, { writes: false }, async ({ run }, output) => {
    const { keyUse } = await import('../core/privacy/rotate.ts')
    const use = await keyUse(run)
    printUse(output, use)
    const left = Object.values(use.others).reduce((sum, count) => sum + count, 0)
    output.line()
    output.line(`Dry run: nothing would be sent to any vendor; ${left} values would be encrypted anew with ${use.current}.`)
    return { verdict: 'done', document: { dry_run: true, plan: [], ...documentOf(use) } }
  })
}

function printUse(output: Output, { current, columns, removable, others }: KeyUse): void {
  output.table(
    ['encrypted', 'key', 'values'],
    columns.flatMap(({ table, column, keys }) =>
      Object.entries(keys).map(([id, count]) => [`${table}.${column}`, id === '' ? '(not encrypted)' : id, count]),
    ),
  )
  for (const id of removable)
    output.line(
      `Nothing here is encrypted with ${id} any more: it may be removed from encryption_keys. Backups may still need it.`,
    )
  for (const [id, count] of Object.entries(others))
    output.line(`${id === '' ? 'Not encrypted' : `Still encrypted with ${id}`}: ${count} values. ${current} is the key in front.`)
}

function printUnopened(output: Output, { unopened, examples, others, verdict }: RotateReport): void {
  if (unopened > 0) output.line(`! ${unopened} values could not be opened and stay as they are: keep every key, and a backup`)
  for (const { where, why } of examples) output.line(`    ${where}: ${why}`)
  if (verdict === 'partly' && unopened === 0 && Object.keys(others).length > 0)
    output.line(
      '    next: another host still encrypts with an old key, or this run was stopped: then run isync keys:rotate again',
    )
}

function documentOf({ current, columns, removable, others }: KeyUse): Readonly<Record<string, unknown>> {
  return { current, columns, removable, others }
}
