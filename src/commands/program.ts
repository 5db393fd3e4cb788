import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { OperatorError } from '../core/errors.ts'
import type { AllCommands } from './completion.ts'
import { errorDocument, errorText, exitCodeHelp } from './shell/verdict.ts'

interface Entry {
  readonly summary: string
  /** Only completion asks for all the others. */
  readonly load: () => Promise<{ command(loadAll: () => Promise<AllCommands>): Command }>
}

/** Every command once. A command's code is loaded only when it is asked for: cron pays for start-up every minute. */
const commands: Readonly<Record<string, Entry>> = {
  init: { summary: 'write a configuration, make a key and the database', load: () => import('./init.ts') },
  doctor: { summary: 'check every account: reachable, authenticated, clock, stores, limits', load: () => import('./doctor.ts') },
  'config:check': { summary: 'check the configuration and show what is in effect', load: () => import('./config-check.ts') },
  crontab: { summary: 'the schedule with real paths, for cron or for systemd', load: () => import('./crontab.ts') },
  'db:migrate': { summary: 'make the database or bring its schema up to date', load: () => import('./db-migrate.ts') },
  'db:status': { summary: 'database reachable, schema up to date?', load: () => import('./db-status.ts') },
  'orders:pull': { summary: 'channels -> isync: store new and changed orders', load: () => import('./orders-pull.ts') },
  'orders:push-shipstation': {
    summary: 'isync -> ShipStation: create and update orders',
    load: () => import('./orders-push-shipstation.ts'),
  },
  'tracking:sync': { summary: 'ShipStation -> channels: confirm what was shipped', load: () => import('./tracking-sync.ts') },
  'inventory:full': {
    summary: 'Zoho -> channels: read all stock, publish what changed',
    load: () => import('./inventory-full.ts'),
  },
  'inventory:rebalance': {
    summary: 'shadow stock -> channels: SKUs that sold low, or everything when it is time',
    load: () => import('./inventory-rebalance.ts'),
  },
  'inventory:delta': {
    summary: 'Zoho -> channels: only what changed since the last reading',
    load: () => import('./inventory-delta.ts'),
  },
  'alloc:preview': { summary: 'what each channel would be told, and why; what if', load: () => import('./alloc-preview.ts') },
  reconcile: { summary: 'find what slipped, pull and push it, list what is left', load: () => import('./reconcile.ts') },
  retry: { summary: 'work due or given-up tasks again', load: () => import('./retry.ts') },
  status: { summary: 'places reached, backlog, alerts, last runs', load: () => import('./status.ts') },
  runs: { summary: 'what ran when, how it ended, what it counted', load: () => import('./runs.ts') },
  'report:daily': { summary: 'one day in numbers, to the terminal or by mail', load: () => import('./report-daily.ts') },
  alerts: { summary: 'what needs a person; close, acknowledge or quiet it', load: () => import('./alerts.ts') },
  'alerts:check': { summary: 'look at every alert rule, tell people, send what waits', load: () => import('./alerts-check.ts') },
  'alerts:test': { summary: 'send a marked test by mail, SMS and Slack', load: () => import('./alerts-test.ts') },
  settings: { summary: 'settings with where they come from; change them while isync runs', load: () => import('./settings.ts') },
  pause: { summary: 'leave a channel alone: its orders, its stock or everything', load: () => import('./pause.ts') },
  resume: { summary: 'end the pause of a channel', load: () => import('./resume.ts') },
  'orders:show': { summary: 'everything about one order', load: () => import('./orders-show.ts') },
  'orders:release': { summary: 'let an order ship that was held as a second copy', load: () => import('./orders-release.ts') },
  audit: { summary: 'what happened to an order, SKU or setting, and who did it', load: () => import('./audit.ts') },
  purge: { summary: 'erase what is older than its limit, and prove it', load: () => import('./purge.ts') },
  'keys:rotate': { summary: 'encrypt everything with the newest key', load: () => import('./keys-rotate.ts') },
  serve: { summary: 'take webhooks, and work whatever is due between them', load: () => import('./serve.ts') },
  'webhooks:inbox': { summary: 'what webhooks brought, and what became of it', load: () => import('./webhooks-inbox.ts') },
  'webhooks:replay': { summary: 'work on a delivery once more', load: () => import('./webhooks-replay.ts') },
  'webhooks:list': { summary: "ShipStation's webhooks, and whose each is", load: () => import('./webhooks-list.ts') },
  'webhooks:subscribe': {
    summary: 'have ShipStation tell isync serve of packages',
    load: () => import('./webhooks-subscribe.ts'),
  },
  'webhooks:unsubscribe': { summary: 'delete webhooks of ShipStation', load: () => import('./webhooks-unsubscribe.ts') },
  'sku:show': { summary: 'why each channel shows what it shows of one SKU', load: () => import('./sku-show.ts') },
  completion: { summary: 'complete commands and options by the tab key', load: () => import('./completion.ts') },
  sandbox: { summary: 'run stand-ins for the vendors on this machine', load: () => import('./sandbox.ts') },
  demo: { summary: 'watch the whole loop run against the sandbox', load: () => import('./demo.ts') },
}

/** Parses the command line and runs one command. The exit code is in `process.exitCode`. */
export async function run(argv: readonly string[]): Promise<void> {
  const asked = argv.find((word) => !word.startsWith('-'))
  const known = asked !== undefined && Object.hasOwn(commands, asked) ? asked : undefined
  try {
    const program = await createProgram(argv, asked)
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (isCommanderExit(error) && error.exitCode === 0) return
    // Without any word commander has shown its help.
    if (isCommanderExit(error) && error.code === 'commander.help') process.exitCode = 2
    else complain(isCommanderExit(error) ? usageError(error.message, known) : error, argv)
  }
}

function complain(error: unknown, argv: readonly string[]): void {
  const failure = errorDocument(error, 'isync')
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(failure, null, 2)}\n`)
  else process.stderr.write(errorText(failure))
  process.exitCode = failure.error.exit_code
}

/** commander's complaint in the form of all others: `error: option '--since <time>' argument 'x' is invalid. Give a time.` */
function usageError(message: string, command: string | undefined): OperatorError {
  const text = message
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .trim()
  const [, what = text, why = ''] = /^(.*?(?:is invalid\.|[^(]+(?= \()))(.*)$/.exec(text) ?? []
  const name = command === undefined ? 'isync' : `isync ${command}`
  return new OperatorError({
    what: what.replace(/\.$/, '').trim(),
    where: name,
    why: why.trim().replace(/^\((.*)\)$/, '$1') || 'the command takes only what its --help lists',
    next: `${name} --help`,
  })
}

async function createProgram(argv: readonly string[], asked: string | undefined): Promise<Command> {
  const program = new Command('isync')
    .description('Keeps marketplaces, ShipStation and Zoho Inventory in step.')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput(quietly)
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExamples:\n  isync init\n  isync orders:pull --dry-run\n  isync status\n\nEvery command has --help with examples.',
    )
    .addHelpText('after', exitCodeHelp)
  for (const [name, { summary, load }] of Object.entries(commands)) {
    if (name === asked || (asked === 'help' && argv.includes(name)))
      program.addCommand((await load()).command(loadAll).exitOverride().configureOutput(quietly).showSuggestionAfterError())
    else program.command(name).summary(summary).description(summary)
  }
  return program
}

async function loadAll(): Promise<AllCommands> {
  const entries = Object.entries(commands)
  return {
    commands: await Promise.all(entries.map(async ([, { load }]) => (await load()).command(loadAll))),
    summaries: new Map(entries.map(([name, { summary }]) => [name, summary])),
  }
}

function version(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** Complaints are told in our own form. */
const quietly = { outputError: () => undefined }

function isCommanderExit(error: unknown): error is Error & { readonly exitCode: number; readonly code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')
}
