import type { Verdict } from '../../core/context.ts'
import type { PlannedCall } from '../../core/ports/gate.ts'
import type { CommonOptions } from './options.ts'
import { createOutput, type Output } from './print.ts'
import { endOf, failureOf } from './run-end.ts'
import type { Runtime } from './runtime.ts'
import { listenForStop } from './stop.ts'
import { errorDocument, errorText, exitCodeOf } from './verdict.ts'

/** What a command's body gives back: the verdict becomes the exit code, the document is what `--json` prints. */
export interface Result {
  readonly verdict: Verdict
  readonly document: Readonly<Record<string, unknown>>
  /** For the run's row; absent for commands that only read. */
  readonly counts?: Readonly<Record<string, unknown>>
}

/** Runs one command's body with an output and turns whatever happens into stdout, stderr and an exit code. */
export async function execute(command: string, common: CommonOptions, body: (output: Output) => Promise<Result>): Promise<void> {
  const { isTTY, columns } = process.stdout
  const color = isTTY && process.env.NO_COLOR === undefined
  const output = createOutput(process.stdout, {
    json: common.json === true,
    quiet: common.quiet === true,
    color,
    ...(isTTY && columns > 0 ? { columns } : {}),
  })
  try {
    const { verdict, document } = await body(output)
    output.document({ schema_version: 1, ...document })
    process.exitCode = exitCodeOf(verdict)
  } catch (error) {
    const failure = errorDocument(error, command)
    if (output.json) output.document(failure)
    else process.stderr.write(errorText(failure))
    if (common.verbose && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
    process.exitCode = failure.error.exit_code
  }
}

/** As {@link execute}, with the runtime of the configuration; it is closed whatever happens. */
export async function withRuntime(
  command: string,
  common: CommonOptions,
  /** `untilStopped`: being told to stop is the end that is meant. */
  how: { readonly writes: boolean; readonly untilStopped?: true },
  body: (runtime: Runtime, output: Output) => Promise<Result>,
): Promise<void> {
  await execute(command, common, async (output) => {
    const { openRuntime } = await import('./runtime.ts')
    const stop = listenForStop()
    const runtime = await openRuntime({ command, common, writes: how.writes, signal: stop.signal })
    try {
      const result = await body(runtime, output)
      const stopped = stop.by()
      const cutShort = stopped !== undefined && how.untilStopped !== true
      const verdict = cutShort && result.verdict === 'done' ? 'partly' : result.verdict
      await runtime.finish(endOf(verdict, result))
      if (runtime.dryRun) printPlan(output, runtime.plan)
      const extra = { run_id: runtime.run.id, verdict, ...(runtime.dryRun ? { dry_run: true, plan: runtime.plan } : {}) }
      return { ...result, verdict, document: how.writes ? { ...extra, ...result.document } : result.document }
    } catch (error) {
      await runtime.finish(failureOf(error, command)).catch(() => undefined)
      throw error
    } finally {
      if (how.writes) await (await import('./tell.ts')).tellPeople(runtime)
      stop.dispose()
      await runtime.close()
    }
  })
}

function printPlan(output: Output, plan: readonly PlannedCall[]): void {
  output.line()
  if (plan.length === 0) {
    output.line('Dry run: nothing would be sent to any vendor.')
    return
  }
  output.line(
    `Dry run: ${plan.length} change(s) would be sent to vendors. Nothing was sent, nothing was written; the counts above take each of them for accepted.`,
  )
  output.table(
    ['account', 'call', 'target', 'what'],
    plan.slice(0, 200).map(({ account, operation, target, detail }) => [account, operation, target, detail]),
  )
  if (plan.length > 200) output.line(`... and ${plan.length - 200} more (--json has all)`)
}
