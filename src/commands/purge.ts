import type { Command } from 'commander'
import type { Erased, PurgeReport } from '../core/retention/purge.ts'
import type { RuleCount } from '../core/retention/rules.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collect, newCommand, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { startProgress } from './shell/progress.ts'

interface Options extends CommonOptions {
  readonly channel?: readonly string[]
}

/** `isync purge` */
export function command(): Command {
  return withDryRun(
    newCommand(
      'purge',
      'Erase personal data, documents and journals that are older than their limits, and prove that none is left',
      ['isync purge --dry-run', 'isync purge', 'isync purge --channel amazon-us --json'],
    ),
  )
    .option('--channel <code>', 'only orders of this channel, and no journals (repeatable)', collect)
    .action((options: Options) => (options.dryRun === true ? preview(options) : erase(options)))
}

function erase(options: Options): Promise<void> {
  return withRuntime('purge', options, { writes: true }, async ({ run, assertChannels }, output) => {
    assertChannels(options.channel ?? [])
    const { purge } = await import('../core/retention/purge.ts')
    const progress = await startProgress('looking for what is due', options)
    const report = await purge(run, options.channel, (text) => progress.update(text)).finally(() => progress.stop())
    print(output, report)
    const { verdict, erased, proof, remains, heldBy } = report
    const counts = Object.fromEntries(erased.filter(({ rows }) => rows > 0).map((one) => [nameOf(one), one.rows]))
    return {
      verdict,
      document: {
        erased,
        proof,
        remains: remains ?? null,
        ok: verdict === 'done' && heldBy === undefined,
        ...(heldBy === undefined ? {} : { held_by: typeof heldBy === 'string' ? {} : { host: heldBy.host, pid: heldBy.pid } }),
      },
      counts,
    }
  })
}

/** Counts on the real database: a private copy of it would be the largest thing a dry run makes, and nothing here asks a vendor. */
function preview(options: Options): Promise<void> {
  return withRuntime('purge', { ...options, dryRun: false }, { writes: false }, async ({ run, assertChannels }, output) => {
    assertChannels(options.channel ?? [])
    const { countBeyond, REMAINS, rulesAt } = await import('../core/retention/rules.ts')
    const due = await countBeyond(run.db, await rulesAt(run, run.clock.now(), options.channel))
    output.table(
      ['what', 'channel', 'kept days', 'would be erased', 'oldest'],
      due
        .filter(({ what }) => what !== REMAINS)
        .map((one) => [one.what, one.channel ?? '', one.days, one.left, one.oldest ?? '']),
    )
    output.line()
    output.line('Dry run: nothing would be sent to any vendor, nothing was erased. Documents of those orders go with them.')
    return { verdict: 'done', document: { dry_run: true, plan: [], due } }
  })
}

function print(output: Output, { erased, proof, remains, heldBy }: PurgeReport): void {
  if (heldBy !== undefined) {
    const who = typeof heldBy === 'string' ? '' : ` (host ${heldBy.host}, pid ${heldBy.pid})`
    output.line(`Another purge is at work${who}; nothing to do here.`)
    return
  }
  const done = erased.filter(({ rows }) => rows > 0)
  output.line(done.length === 0 ? 'Nothing was older than its limit.' : 'Erased:')
  output.table(
    ['what', 'channel', 'rows', 'documents with them'],
    done.map(({ what, channel, rows, documents }) => [what, channel ?? '', rows, documents]),
  )
  const left = proof.filter((line) => line.left > 0)
  if (left.length === 0) output.line(`Proof: of ${proof.length} limits, counted anew, nothing is older than it may be.`)
  for (const line of left) output.line(leftText(line))
  if (remains !== undefined)
    output.line(`! erased bytes may still lie in the database's files: ${remains}; the next purge tries again`)
}

function leftText({ what, channel, left, before, oldest }: RuleCount): string {
  const of = channel === null ? '' : ` of ${channel}`
  const since = oldest === null ? '' : `, the oldest from ${oldest}`
  return `! left: ${left} x ${what}${of} from before ${before}${since}. The run was stopped, or others hold these rows: run isync purge again`
}

function nameOf({ what, channel }: Erased): string {
  return channel === null ? what : `${what} of ${channel}`
}
