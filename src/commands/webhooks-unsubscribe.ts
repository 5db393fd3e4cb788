import { type Command, InvalidArgumentError } from 'commander'
import { verdictOf } from '../core/channel-report.ts'
import { OperatorError } from '../core/errors.ts'
import type { JudgedSubscription } from '../core/tracking/hook-address.ts'
import { confirmed } from './shell/confirm.ts'
import { type Result, withRuntime } from './shell/execute.ts'
import { hookAddress, requiredHookAddress } from './shell/hook-address.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import { type Output, printProblems } from './shell/print.ts'
import { channelDocuments, printChannels } from './shell/report.ts'
import type { Runtime } from './shell/runtime.ts'
import { printSubscriptions, subscriptionDocuments } from './shell/subscriptions.ts'

interface Options extends CommonOptions {
  readonly all?: boolean
  readonly stale?: boolean
  readonly yes?: boolean
}

/** `isync webhooks:unsubscribe` */
export function command(): Command {
  return withDryRun(
    newCommand('webhooks:unsubscribe', 'Delete webhooks of ShipStation: named ones, ours, or those of ours that are of no use', [
      'isync webhooks:unsubscribe --stale',
      'isync webhooks:unsubscribe 123456 --yes',
      'isync webhooks:unsubscribe --all --dry-run',
    ]),
  )
    .argument('[id...]', 'as isync webhooks:list shows them', idOf)
    .option('--all', 'every one at our address; those of other programs stay')
    .option('--stale', 'ours that nothing is lost with: older tokens, switched off, doubled')
    .option('-y, --yes', 'do not ask')
    .action((ids: readonly number[], options: Options) => {
      return withRuntime('webhooks:unsubscribe', options, { writes: true }, (runtime, output) =>
        unsubscribe(runtime, output, ids, options),
      )
    })
}

async function unsubscribe(runtime: Runtime, output: Output, ids: readonly number[], options: Options): Promise<Result> {
  const { run, config } = runtime
  assertOneChoice(ids, options)
  const found = ids.length > 0 ? hookAddress(config) : requiredHookAddress(config)
  const address = found instanceof OperatorError ? undefined : found
  // Loaded with the run: --help and a slip of the keys need none of it.
  const { deleteSubscriptions, listSubscriptions } = await import('../core/tracking/subscriptions.ts')
  const shipping = runtime.shipping()
  const listed = await listSubscriptions(run, shipping, address)
  if (listed.errors.length > 0) {
    printProblems(output, listed.errors)
    return { verdict: verdictOf([listed]), document: documentOf(runtime, [], listed) }
  }
  const chosen = chosenOf(listed.subscriptions, ids, options)
  const unknown = ids.filter((id) => !chosen.some((one) => one.id === id))
  for (const id of unknown) output.line(`There is no webhook ${id}: isync webhooks:list shows those that there are.`)
  if (chosen.length === 0) {
    if (unknown.length === 0) output.line('Nothing to do: there is no such webhook.')
    return { verdict: 'done', document: documentOf(runtime, [], { ...listed, counts: nothing }), counts: nothing }
  }
  printSubscriptions(output, chosen)
  const strangers = address === undefined ? 0 : chosen.filter(({ standing }) => standing === 'foreign').length
  const warning = strangers === 0 ? '' : ` (${strangers} of them not ours)`
  if (!runtime.dryRun && !(await confirmed(`Delete these ${chosen.length} webhook(s)${warning}?`, options.yes === true))) {
    output.line('Nothing was done.')
    return { verdict: 'done', document: documentOf(runtime, chosen, { ...listed, counts: nothing }), counts: nothing }
  }
  const report = await deleteSubscriptions(
    run,
    shipping,
    chosen.map(({ id }) => id),
  )
  printChannels(output, [report], runtime.calls())
  return { verdict: verdictOf([report]), document: documentOf(runtime, chosen, report), counts: { ...report.counts } }
}

const nothing = { deleted: 0, absent: 0 }

function documentOf(
  runtime: Runtime,
  chosen: readonly JudgedSubscription[],
  report: Parameters<typeof channelDocuments>[0][number],
): Result['document'] {
  return { webhooks: subscriptionDocuments(chosen), channels: channelDocuments([report], runtime.calls()) }
}

function assertOneChoice(ids: readonly number[], { all, stale }: Options): void {
  const choices = [ids.length > 0, all === true, stale === true].filter((chosen) => chosen).length
  if (choices === 1) return
  throw new OperatorError({
    what: choices === 0 ? 'which webhooks?' : 'too many choices',
    where: 'isync webhooks:unsubscribe',
    why: 'it takes ids, or --all, or --stale',
    next: 'isync webhooks:list',
  })
}

function chosenOf(all: readonly JudgedSubscription[], ids: readonly number[], options: Options): readonly JudgedSubscription[] {
  if (options.stale === true) return all.filter(({ stale }) => stale)
  if (options.all === true) return all.filter(({ standing }) => standing !== 'foreign')
  return all.filter(({ id }) => ids.includes(id))
}

function idOf(text: string, before: readonly number[] = []): readonly number[] {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('Give the number of a webhook.')
  return [...before, Number(text)]
}
