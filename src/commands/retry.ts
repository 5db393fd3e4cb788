import { type Command, InvalidArgumentError, Option } from 'commander'
import { retryCandidates, retryTasks } from '../core/dispatch.ts'
import type { ErrorKind } from '../core/errors.ts'
import { type TaskKind, type TaskState, taskKinds } from '../core/model/task.ts'
import { confirmed } from './shell/confirm.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collect, newCommand, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { channelDocuments, printChannels } from './shell/report.ts'

interface Options extends CommonOptions {
  readonly dead?: boolean
  readonly id?: readonly string[]
  readonly order?: string
  readonly kind?: readonly TaskKind[]
  readonly channel?: readonly string[]
  readonly class?: readonly ErrorKind[]
  readonly yes?: boolean
}

const errorKinds = ['retryable', 'throttled', 'auth', 'permanent'] as const satisfies readonly ErrorKind[]

/** `isync retry` */
export function command(): Command {
  return withDryRun(
    newCommand('retry', 'Work what is due again; with --dead, --id or --order also what was given up or still waits', [
      'isync retry',
      'isync retry --dead --kind push --channel amazon-us',
      'isync retry --dead --class auth --yes',
      'isync retry --order 113-1234567-7654321 --yes',
    ]),
  )
    .option('--dead', 'tasks that were given up')
    .option('--id <task>', 'this task (repeatable)', collect)
    .option('--order <id>', 'tasks of this order')
    .addOption(new Option('--kind <kind>', 'only this kind (repeatable)').choices([...taskKinds]).argParser(amongst(taskKinds)))
    .option('--channel <code>', 'only this channel (repeatable)', collect)
    .addOption(
      new Option(
        '--class <class>',
        'only what failed so last: worth a retry, throttled, credentials refused, refused for good (repeatable)',
      )
        .choices([...errorKinds])
        .argParser(amongst(errorKinds)),
    )
    .option('-y, --yes', 'do not ask')
    .action((options: Options) =>
      withRuntime('retry', options, { writes: true }, (runtime, output) => retry(runtime, output, options)),
    )
}

async function retry(
  runtime: Parameters<Parameters<typeof withRuntime>[3]>[0],
  output: Output,
  options: Options,
): ReturnType<Parameters<typeof withRuntime>[3]> {
  const { run } = runtime
  if (options.channel !== undefined) runtime.assertChannels(options.channel)
  const named = options.id !== undefined || options.order !== undefined
  const tasks = await retryCandidates(run, {
    states: options.dead ? ['dead'] : named ? ['pending', 'waiting', 'dead'] : ['pending', 'waiting', 'running'],
    ...(options.dead || named ? {} : { dueAt: run.clock.now() }),
    ...(options.id === undefined ? {} : { ids: options.id }),
    ...(options.order === undefined ? {} : { externalOrderId: options.order }),
    ...(options.kind === undefined ? {} : { kinds: options.kind }),
    ...(options.channel === undefined ? {} : { channels: options.channel }),
    ...(options.class === undefined ? {} : { errorKinds: options.class }),
  })
  const left = await leftOut(run, options.id ?? [], tasks)
  if (tasks.length === 0) output.line(`Nothing to do: ${nothingToDo(options)}`)
  for (const line of left) output.line(line)
  if (tasks.length === 0) {
    return { verdict: 'done', document: { channels: [], tasks: 0 }, counts: { tasks: 0 } }
  }
  output.line(`${tasks.length} task(s):`)
  output.table(
    ['id', 'kind', 'key', 'state', 'tries', 'last error'],
    tasks.slice(0, 50).map((task) => [task.id, task.kind, task.key, task.state, task.attempts, task.last_error ?? '']),
  )
  if (tasks.length > 50) output.line(`... and ${tasks.length - 50} more`)
  // What is due would be worked by the next cron run anyway; only reviving asks.
  const asks = (options.dead || named) && !runtime.dryRun
  if (asks && !(await confirmed(`Work these ${tasks.length} task(s) now?`, options.yes === true))) {
    output.line('Nothing was done.')
    return { verdict: 'done', document: { channels: [], tasks: tasks.length }, counts: { tasks: 0 } }
  }
  const connectors = {
    shipping: runtime.shipping(),
    marketplaces: runtime.marketplaces(),
    notifiers: await runtime.notifiers(),
  }
  const report = await retryTasks(run, connectors, tasks)
  const calls = runtime.calls()
  printChannels(output, report.channels, calls)
  return {
    verdict: report.verdict,
    document: { tasks: tasks.length, channels: channelDocuments(report.channels, calls) },
    counts: { tasks: tasks.length },
  }
}

/** What is to be said of tasks that were named and are not among those to be worked: one line each. */
async function leftOut(
  run: Parameters<typeof retryCandidates>[0],
  ids: readonly string[],
  taken: readonly { readonly id: string }[],
): Promise<readonly string[]> {
  const others = ids.filter((id) => !taken.some((task) => task.id === id))
  if (others.length === 0) return []
  const known = await retryCandidates(run, { ids: others })
  return others.map((id) => {
    const task = known.find((one) => one.id === id)
    if (task === undefined) return `There is no task ${id}: the id is another, or it was erased with its order.`
    return `Task ${id} (${task.kind} ${task.key}) is left alone: ${stateText(task.state)}.`
  })
}

function stateText(state: TaskState): string {
  if (state === 'done') return 'it is done'
  return state === 'running' ? 'a run is at work on it' : `it is ${state}, and something else was asked for`
}

function nothingToDo(options: Options): string {
  const { dead, id, order } = options
  const narrowed = options.kind !== undefined || options.channel !== undefined || options.class !== undefined
  const such = narrowed ? 'no such task' : 'no task'
  if (id !== undefined) return `no task with the id ${id.join(', ')} is open; isync orders:show tells those of an order.`
  if (order !== undefined) return `${such} of order ${order} is open; isync orders:show ${order} tells what became of it.`
  return dead ? `${such} was given up.` : `${such} is due.`
}

/** Collects a repeatable option of which each value must be one of these. */
function amongst<T extends string>(allowed: readonly T[]): (value: string, before: readonly T[] | undefined) => readonly T[] {
  return (value, before) => {
    const known = allowed.find((one) => one === value)
    if (known === undefined) throw new InvalidArgumentError(`Allowed are ${allowed.join(', ')}.`)
    return [...(before ?? []), known]
  }
}
