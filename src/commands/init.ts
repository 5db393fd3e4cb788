import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { newKey } from '../core/privacy/keys.ts'
import { type Answers, exampleAnswers, sandboxAnswers } from './init/answers.ts'
import { configText } from './init/config-text.ts'
import { type MadeDatabase, makeDatabase } from './init/database.ts'
import { type FilesToWrite, refuseToOverwrite, writeFiles } from './init/files.ts'
import { envText, secretGroups, unfilled } from './init/secrets.ts'
import { crontabLines } from './shell/crontab.ts'
import { execute, type Result } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { programPath, spokenProgram } from './shell/program-path.ts'

interface Options extends CommonOptions {
  readonly dir?: string
  readonly yes?: boolean
  readonly sandbox?: boolean
  readonly sandboxPortBase?: number
}

const DEFAULT_PORT = 4600

/** `isync init` */
export function command(): Command {
  return newCommand('init', 'Write a configuration and its .env, make an encryption key and the database; overwrites nothing', [
    'isync init',
    'isync init --yes --dir /etc/isync',
    'isync init --yes --sandbox',
    'isync init --dry-run --yes',
  ])
    .option('--dir <path>', 'folder that gets the files; the working directory where it is not given')
    .option('-y, --yes', 'ask nothing, write an example to edit')
    .option('--sandbox', `write a configuration for the stand-ins of "isync sandbox" (ports from ${DEFAULT_PORT}); asks nothing`)
    .option('--sandbox-port-base <n>', 'as --sandbox, for stand-ins on other ports', portBase)
    .option('--dry-run', 'write nothing, print what would be written')
    .action((options: Options) => execute('init', options, (output) => init(output, options)))
}

async function init(output: Output, options: Options): Promise<Result> {
  const config = options.config ?? join(options.dir ?? '.', 'isync.config.yaml')
  const files: FilesToWrite = {
    config: resolve(config),
    env: resolve(config, '../.env'),
    database: resolve(config, '../isync.db'),
  }
  refuseToOverwrite(files)
  const answers = await answersFor(options)
  const groups = secretGroups(answers, options.dryRun ? 'k1:<a new key>' : newKey())
  const text = configText(answers)
  const crontab = crontabLines({ configFile: files.config })
  const missing = unfilled(groups)
  const document = {
    config: files.config,
    env: files.env,
    channels: answers.channels.map(({ code }) => code),
    secrets_to_fill_in: missing,
    crontab,
  }
  if (options.dryRun) {
    printPlan(output, files, text, envText(groups))
    return { verdict: 'done', document: { ...document, dry_run: true } }
  }
  writeFiles(files, text, envText(groups))
  const database = await makeDatabase(answers, files)
  const next = nextCommands(answers, files, missing, database)
  printResult(output, files, answers, database)
  if (answers.sandboxPort === undefined) printCrontab(output, crontab)
  output.line()
  output.line('Next:')
  for (const line of next) output.line(`  ${line}`)
  if (spokenProgram(process.cwd()) !== 'isync') output.line(`isync is not on your PATH; here it is ${programPath()}`)
  if (process.env.ISYNC_CONFIG !== undefined)
    output.line('! ISYNC_CONFIG is set: commands use the file that it names, not this one.')
  const commands = next.filter((line) => line.startsWith('isync ')).map((line) => line.replace(/ +[#&].*$/, ''))
  return {
    verdict: 'done',
    document: { ...document, database: database.shown, database_ready: database.isReady, next: commands },
  }
}

async function answersFor(options: Options): Promise<Answers> {
  if (options.sandbox || options.sandboxPortBase !== undefined) return sandboxAnswers(options.sandboxPortBase ?? DEFAULT_PORT)
  if (options.yes) return exampleAnswers
  const { terminalAsk } = await import('./init/ask.ts')
  const { askAll } = await import('./init/questions.ts')
  return askAll(await terminalAsk())
}

function printPlan(output: Output, files: FilesToWrite, config: string, env: string): void {
  for (const [file, text] of [
    [files.config, config],
    [`${files.env} (mode 600)`, env],
  ] as const) {
    output.line(`--- ${file}`)
    output.line(text)
  }
  output.line('Dry run: nothing was written.')
}

function printResult(output: Output, files: FilesToWrite, { areExamples, sandboxPort }: Answers, database: MadeDatabase): void {
  const what = sandboxPort === undefined ? 'which accounts there are' : 'talks to the stand-ins of "isync sandbox" only'
  output.line('Written:')
  output.table(
    ['file', 'what it is'],
    [
      [files.config, areExamples ? 'examples: replace what is marked "<- yours"' : what],
      [files.env, 'the secrets, mode 600; it holds a fresh encryption key, so keep a copy in a safe place'],
      [database.shown, database.note],
    ],
  )
}

function printCrontab(output: Output, crontab: readonly string[]): void {
  output.line()
  output.line('To run it from cron, add these lines with "crontab -e", as the user who owns these files:')
  output.line()
  for (const line of crontab) output.line(`  ${line}`)
  output.line()
  output.line(
    '"isync crontab" prints them again, for what the configuration has by then; "isync crontab --help" knows other ways.',
  )
}

function nextCommands(
  { areExamples, sandboxPort }: Answers,
  { config, env }: FilesToWrite,
  missing: readonly string[],
  { isReady }: MadeDatabase,
): readonly string[] {
  const folder = resolve(config, '..')
  const move = folder === process.cwd() ? [] : [`cd ${folder}`]
  if (sandboxPort !== undefined) {
    const ports = sandboxPort === DEFAULT_PORT ? '' : ` --port-base ${sandboxPort}`
    return [
      ...move,
      `isync sandbox${ports} --orders &     # stand-ins with about 300 invented orders`,
      'isync orders:pull --dry-run',
      'isync orders:pull',
    ]
  }
  return [
    ...move,
    ...(areExamples ? [`edit ${config}: every line marked "<- yours"`] : []),
    ...(missing.length === 0 ? [] : [`edit ${env}: fill in ${missing.join(', ')}`]),
    ...(isReady ? [] : ['isync db:migrate                # makes the database']),
    'isync config:check              # every mistake at once',
    'isync doctor                    # can every account be reached and read?',
    'isync orders:pull --dry-run     # what would be stored; nothing is written',
  ]
}

function portBase(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 1024 && port <= 65_000) return port
  throw new InvalidArgumentError('Give a port from 1024 to 65000; the stand-ins take it and the next ones.')
}
