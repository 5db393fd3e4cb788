import { Argument, type Command, InvalidArgumentError } from 'commander'
import { OperatorError } from '../core/errors.ts'
import { type RunDocument, type RunReport, runReport, runsReport } from '../core/reports/runs.ts'
import { isAlive } from './shell/alive.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import { type Output, printProblems } from './shell/print.ts'

interface Options extends CommonOptions {
  readonly command?: string
  readonly failed?: boolean
  readonly limit: number
}

const MOST_RUNS = 1_000
const MOST_EVENTS = 200

/** `isync runs` */
export function command(): Command {
  return newCommand('runs', 'What ran when, how it ended and what it counted; show ID tells all of one run', [
    'isync runs',
    'isync runs --command orders:pull --failed',
    'isync runs show 0mwr1h7hx17bf51f668dc21f7',
    'isync runs --limit 1 --json | jq .runs[0].calls',
  ])
    .addArgument(new Argument('[action]', 'list, or show one run').choices(['list', 'show']).default('list'))
    .argument('[id]', 'for show: the run')
    .option('--command <name>', 'only runs of this command')
    .option('--failed', 'only runs that did not end well: in part, failed, held, killed')
    .option('--limit <n>', 'at most so many, the newest', parseLimit, 20)
    .action((action: 'list' | 'show', id: string | undefined, options: Options) => {
      if (action === 'list' && id === undefined) return list(options)
      if (action === 'show' && id !== undefined) return show(id, options)
      throw wrongWords(action)
    })
}

function list({ command: name, failed, limit, ...common }: Options): Promise<void> {
  return withRuntime('runs', common, { writes: false }, async ({ run }, output) => {
    const filter = { limit, ...(name === undefined ? {} : { command: name }), ...(failed === true ? { failed } : {}) }
    const runs = await runsReport(run.db, filter, isAlive, run.clock.now())
    if (runs.length === 0) output.line('No run fits.')
    output.table(
      ['id', 'command', 'started', 'took', 'verdict', 'problems', 'calls', 'counts'],
      runs.map((one) => [
        one.id,
        one.command,
        one.started,
        tookOf(one),
        one.verdict,
        // What a run counts is written down at its end.
        one.ended === null ? '-' : one.problems.length,
        one.ended === null ? '-' : Object.values(one.calls).reduce((sum, byOperation) => sum + callsIn(byOperation), 0),
        countsText(one.counts),
      ]),
    )
    return { verdict: 'done', document: { runs } }
  })
}

function show(id: string, options: Options): Promise<void> {
  return withRuntime('runs', options, { writes: false }, async ({ run }, output) => {
    const report = await runReport(run.db, id, MOST_EVENTS, isAlive, run.clock.now())
    if (report === undefined) throw unknownRun(id)
    print(output, report)
    return { verdict: 'done', document: { ...report } }
  })
}

function print(output: Output, { run, events, more }: RunReport): void {
  output.line(`${run.command}, run ${run.id}, on ${run.host} (pid ${run.pid})`)
  output.line(`  started ${run.started}`)
  output.line(run.ended === null ? `  no end: ${run.verdict}` : `  ended   ${run.ended}, after ${tookOf(run)}: ${run.verdict}`)
  if (run.verdict === 'killed') output.line('  What it had in hand is done by the next run, once its lease is over.')
  output.line(`  counts  ${countsText(run.counts) || '-'}`)
  output.table(
    ['account', 'call', 'calls'],
    Object.entries(run.calls).flatMap(([account, byOperation]) =>
      Object.entries(byOperation).map(([operation, count]) => [account, operation, count]),
    ),
  )
  printProblems(output, run.problems)
  output.table(
    ['at', 'about', 'what', 'detail'],
    events.map(({ at, entity, entity_id: about, what, detail }) => [
      at,
      `${entity} ${about}`,
      what,
      detail === null ? '' : JSON.stringify(detail),
    ]),
  )
  if (more) output.line(`Only its first ${events.length} events; isync audit finds the others.`)
}

function tookOf({ duration_s: seconds }: RunDocument): string {
  return seconds === null ? '-' : `${seconds} s`
}

/** `amazon-us: pages 2, stored 3; tasks 4`: what is not 0. */
function countsText(counts: RunDocument['counts']): string {
  const parts = Object.entries(counts).flatMap(([key, value]) => {
    if (typeof value === 'number') return value === 0 ? [] : [`${key} ${value}`]
    if (typeof value !== 'object' || value === null) return []
    const inner = Object.entries(value).filter(([, count]) => typeof count === 'number' && count !== 0)
    return inner.length === 0 ? [] : [`${key}: ${inner.map(([name, count]) => `${name} ${count}`).join(', ')}`]
  })
  return parts.join('; ')
}

function callsIn(byOperation: Readonly<Record<string, number>>): number {
  return Object.values(byOperation).reduce((sum, count) => sum + count, 0)
}

function parseLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > MOST_RUNS) throw new InvalidArgumentError(`Give a number from 1 to ${MOST_RUNS}.`)
  return limit
}

function wrongWords(action: string): OperatorError {
  return new OperatorError({
    what: action === 'show' ? 'the id of a run is missing' : 'one word too many',
    where: 'isync runs',
    why: 'it is isync runs, or isync runs show ID',
    next: 'isync runs shows the ids',
  })
}

function unknownRun(id: string): OperatorError {
  return new OperatorError({
    what: `there is no run ${id}`,
    where: 'runs',
    why: 'the id is another, or the run is older than retention.journal_days',
    next: 'isync runs --limit 1000 shows the ids',
  })
}
