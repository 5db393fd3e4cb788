import type { Command } from 'commander'
import { OperatorError } from '../core/errors.ts'
import type { Configuration } from './shell/configuration.ts'
import { untilMoved } from './shell/database-file.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, parsePort, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import type { Runtime } from './shell/runtime.ts'
import { untilMigrated } from './shell/schema-watch.ts'

interface Options extends CommonOptions {
  readonly port?: number
  readonly printUrls?: boolean
}

const GATHER_MS = 25

/** What is under way when the server is told to stop has this long; with the work loop's end it stays below ten seconds. */
const GRACE_MS = 4_000

/** `isync serve` */
export function command(): Command {
  return withDryRun(
    newCommand('serve', 'Take webhooks, keep them, and work whatever is due between them; stops with SIGTERM or Ctrl-C', [
      'isync serve',
      'isync serve --print-urls      # what to enter at ShipStation, Zoho, eBay ... (holds secrets)',
      'isync serve --dry-run         # judge and work what comes, in a copy; nothing is written or sent',
    ]),
  )
    .option('--port <n>', 'listen here instead of serve.port; 0: on any that is free', parsePort)
    .option('--print-urls', 'print the address of each sender, with what is secret in it, and end')
    .action((options: Options) => {
      const how = options.printUrls ? { writes: false } : ({ writes: true, untilStopped: true } as const)
      return withRuntime('serve', options, how, (runtime, output) =>
        options.printUrls ? printUrls(runtime, output) : serve(runtime, options),
      )
    })
}

async function serve(runtime: Runtime, options: Options): ReturnType<Parameters<typeof withRuntime>[3]> {
  const { config } = runtime
  const ending = new AbortController()
  const run = { ...runtime.run, signal: AbortSignal.any([runtime.run.signal, ending.signal]) }
  // Loaded with the run: --help and a slip of the keys need none of it.
  const [{ startServer }, { countAnswers }, { limitPace }, { senderBehind }] = await Promise.all([
    import('../serve/server.ts'),
    import('../serve/figures.ts'),
    import('../serve/pace.ts'),
    import('../serve/sender.ts'),
  ])
  const [{ openInbox }, { startWorkLoop }, { countRefusals }, { readiness }, { roomFor }, { openCallJournal }] =
    await Promise.all([
      import('../core/inbox/keep.ts'),
      import('../core/inbox/work-loop.ts'),
      import('../core/inbox/refusals.ts'),
      import('../core/inbox/readiness.ts'),
      import('../core/inbox/room.ts'),
      import('../core/inbox/calls.ts'),
    ])
  const marketplaces = runtime.marketplaces()
  const sources = await runtime.webhookSources(marketplaces)
  const refusals = countRefusals(run, config.webhooks.refused_per_hour)
  const calls = openCallJournal(run, () => runtime.calls())
  const hands = {
    sources,
    shipping: runtime.shipping(),
    marketplaces,
    stock: await runtime.stock(),
    notifiers: await runtime.notifiers(),
    refusals,
    calls,
  }
  const room = roomFor(config.serve.max_backlog, sources.length)
  const place = { host: config.serve.listen, port: options.port ?? config.serve.port }
  let wake = () => {}
  const server = await startServer(
    { ...place, requestTimeoutMs: config.serve.request_timeout },
    {
      sources,
      inbox: openInbox({ ...run, db: await runtime.inboxDb() }),
      clock: run.clock,
      ids: run.ids,
      log: run.log,
      pace: limitPace(config.serve.rate_limit_per_minute),
      senderOf: senderBehind(config.serve.trusted_proxies),
      figures: countAnswers(),
      bodyLimit: config.serve.body_limit,
      isFull: room.isFullFor,
      refused: refusals.note,
      kept: gathered(() => wake()),
      readiness: () => readiness(run, config.serve.max_backlog),
      allFigures: () => allFigures(run),
      metricsToken: config.serve.metrics_token,
      signal: run.signal,
    },
  ).catch((error: unknown) => {
    throw cannotListen(place, error)
  })
  // Only now: without a server there is nobody to end it.
  const loop = startWorkLoop(run, hands, { tickMs: config.serve.tick, onBacklog: room.look })
  wake = loop.wake
  const listened = sources.map(({ name }) => name)
  run.log.info({ step: 'serve', origin: server.origin, webhooks: listened, host: run.host, pid: run.pid }, 'ready')
  if (runtime.dryRun)
    run.log.warn(
      { step: 'serve' },
      'dry run: what comes is answered like any other and then forgotten; let no sender of your own accounts send here',
    )
  if (sources.length === 0)
    run.log.warn({ step: 'serve' }, 'the configuration has no section webhooks: nobody is listened to, only due work is done')
  const trouble = await untilOver(runtime, run.signal)
  ending.abort()
  await server.stop(GRACE_MS)
  await loop.ended
  await Promise.allSettled([refusals.flush(), calls.flush()])
  if (trouble !== undefined) throw trouble
  run.log.info({ step: 'serve' }, 'stopped')
  return { verdict: 'done', document: { origin: server.origin, webhooks: listened }, counts: {} }
}

function cannotListen({ host, port }: { readonly host: string; readonly port: number }, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const why = {
    EADDRINUSE: 'another program listens there, perhaps an isync serve that has not ended',
    EADDRNOTAVAIL: 'this machine has no such address',
    EACCES: 'this user may not listen on that port',
  }[String(code)]
  if (why === undefined) return error
  return new OperatorError({
    what: `isync serve cannot listen on ${host} port ${port}`,
    where: 'serve',
    why,
    next: 'end the other one, or change serve.listen or serve.port; then run: isync serve',
  })
}

function databaseMoved(database: string): OperatorError {
  return new OperatorError({
    what: 'the database file is not the one any more that isync serve works with',
    where: database.replace(/^sqlite:/, ''),
    why: 'it was moved, deleted or replaced; what came in the last seconds is in the other file',
    next: 'put it back if it was not meant to go, then run: isync serve. Next time end isync serve first',
    exitCode: 1,
  })
}

/** Hundreds of deliveries a second are one look for work each while. */
function gathered(work: () => void): () => void {
  let isPending = false
  return () => {
    if (isPending) return
    isPending = true
    setTimeout(() => {
      isPending = false
      work()
    }, GATHER_MS)
  }
}

async function allFigures(run: Runtime['run']): Promise<string> {
  const [{ metrics }, { exposition }] = await Promise.all([import('../core/reports/metrics.ts'), import('./shell/exposition.ts')])
  return exposition(await metrics(run.db, run.clock.now()))
}

/** Waits until the server is to end: undefined, or why it may not go on. */
async function untilOver(runtime: Runtime, signal: AbortSignal): Promise<OperatorError | undefined> {
  const { dryRun, config } = runtime
  // A dry run works in a copy of its own.
  if (dryRun) return stopped(signal)
  const moved = untilMoved(config.database, signal).then((isMoved) => (isMoved ? databaseMoved(config.database) : undefined))
  return Promise.race([moved, untilMigrated(runtime, signal)])
}

function stopped(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
}

async function printUrls(runtime: Runtime, output: Output): ReturnType<Parameters<typeof withRuntime>[3]> {
  const { config } = runtime
  const urls = (await runtime.webhookSources([])).flatMap((source) =>
    source.paths().map(({ path, for: whom }) => ({ source: source.name, url: `${baseOf(config)}${path}`, for: whom })),
  )
  if (urls.length === 0) output.line(`Nobody is listened to: ${config.source.file} has no section webhooks (docs/webhooks.md).`)
  output.table(
    ['sender', 'address', 'for'],
    urls.map((one) => [one.source, one.url, one.for]),
  )
  if (urls.length > 0) output.line('Some addresses hold a secret: keep them out of tickets, chats and logs.')
  if (config.serve.public_url === undefined)
    output.line('These are addresses on this machine: serve.public_url says how the senders reach it from outside.')
  return { verdict: 'done', document: { urls } }
}

function baseOf({ serve }: Configuration): string {
  return serve.public_url ?? `http://${serve.listen.includes(':') ? `[${serve.listen}]` : serve.listen}:${serve.port}`
}
