import { type Command, InvalidArgumentError, Option } from 'commander'
import { retryCandidates, retryTasks } from '../core/dispatch.ts'
import { type TaskKind, taskKinds } from '../core/model/task.ts'
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
  readonly yes?: boolean
}

/** `isync retry` */
export function command(): Command {
  return withDryRun(
    newCommand('retry', 'Work what is due again; with --dead, --id or --order also what was given up or still waits', [
      'isync retry',
      'isync retry --dead --kind push --channel amazon-us',
      'isync retry --order 113-1234567-7654321 --yes',
    ]),
  )
    .option('--dead', 'tasks that were given up')
    .option('--id <task>', 'this task (repeatable)', collect)
    .option('--order <id>', 'tasks of this order')
    .addOption(new Option('--kind <kind>', 'only this kind (repeatable)').choices([...taskKinds]).argParser(kinds))
    .option('--channel <code>', 'only this channel (repeatable)', collect)
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
  })
  if (tasks.length === 0) {
    output.line(`Nothing to do: ${nothingToDo(options)}`)
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

function nothingToDo({ dead, id, order }: Options): string {
  if (id !== undefined) return `no task with the id ${id.join(', ')} is open; isync orders:show tells those of an order.`
  if (order !== undefined) return `no task of order ${order} is open; isync orders:show ${order} tells what became of it.`
  return dead ? 'no task was given up.' : 'no task is due.'
}

function kinds(value: string, before: readonly TaskKind[] | undefined): readonly TaskKind[] {
  const kind = taskKinds.find((known) => known === value)
  if (kind === undefined) throw new InvalidArgumentError(`Allowed are ${taskKinds.join(', ')}.`)
  return [...(before ?? []), kind]
}
