import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { OperatorError } from '../core/errors.ts'
import { type Configuration, loadConfiguration } from './shell/configuration.ts'
import { configuredClock } from './shell/configured-clock.ts'
import { callOf, crontabBlock, crontabMarks, type Job, jobsWith, needsMet } from './shell/crontab.ts'
import { execute, type Result } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { programPath } from './shell/program-path.ts'
import { runSchedule } from './shell/schedule.ts'
import { listenForStop } from './shell/stop.ts'
import { systemdUnits, UNIT_MARK, type Unit } from './shell/systemd-units.ts'

interface Options extends CommonOptions {
  readonly logDir?: string
  readonly run?: boolean
  readonly systemd?: boolean
  readonly user: string
  readonly write?: string
}

/** `isync crontab` */
export function command(): Command {
  return newCommand(
    'crontab',
    'Print the schedule for cron, or for systemd, with the real paths of this program and its configuration',
    [
      'isync crontab',
      'isync crontab --config /etc/isync/isync.config.yaml --log-dir /var/log/isync',
      'isync crontab --systemd --user isync',
      'isync crontab --run                  # in a container: stays and starts each line at its minute',
      'isync crontab --systemd --write /etc/systemd/system',
    ],
  )
    .addHelpText(
      'after',
      `
Into the crontab of the user who runs isync; run again, it takes the place of what it wrote before and leaves all other lines alone:
  lines="$(isync crontab)" && { crontab -l 2>/dev/null | sed '/^${crontabMarks.begin}$/,/^${crontabMarks.end}$/d'; printf '%s\\n' "$lines"; } | crontab -

Instead of cron, as root:
  isync crontab --systemd --write /etc/systemd/system && systemctl daemon-reload && systemctl enable isync.target && systemctl restart isync.target

Lines for stock are printed where the configuration has a section zoho, the daily report where it has alerts.email.`,
    )
    .option('--log-dir <path>', "folder of the log files; the configuration's own where it is not given")
    .option('--run', 'instead of cron, for containers: stay in the foreground and start each command at its minutes, by UTC')
    .option('--systemd', 'timers and services for the same jobs; their output goes to the journal')
    .option('--user <name>', 'with --systemd: the account that isync runs as', accountName, 'isync')
    .option('--write <dir>', 'with --systemd: write the units into this folder, over those that it wrote before')
    .action((options: Options) => execute('crontab', options, async (output) => crontab(output, options)))
}

async function crontab(output: Output, options: Options): Promise<Result> {
  refuseWhatDoesNotGoTogether(options)
  const config = loadConfiguration(options)
  const configFile = resolve(config.source.file)
  const has = needsMet(config)
  if (options.run === true) return runUntilStopped(output, config, jobsWith(has))
  if (options.systemd !== true) {
    const logFolder = options.logDir === undefined ? {} : { logFolder: resolve(options.logDir) }
    const lines = crontabBlock({ configFile, ...logFolder }, has)
    for (const line of lines) output.line(line)
    return { verdict: 'done', document: { config: configFile, lines } }
  }
  const places = { program: programPath(), configFile, writable: writableFolders(config), user: options.user }
  const units = systemdUnits(places, has)
  const document = { config: configFile, units }
  if (options.write === undefined) {
    printUnits(output, units)
    return { verdict: 'done', document }
  }
  const folder = resolve(options.write)
  writeUnits(folder, units)
  output.line(`${units.length} units in ${folder}. Next:`)
  output.line('  systemctl daemon-reload && systemctl enable isync.target && systemctl restart isync.target')
  output.line('  systemctl list-timers "isync-*"')
  return { verdict: 'done', document: { ...document, folder } }
}

/** Of an embedded database, a file of figures, and folders in which orders are exchanged. Without any of these the configuration's own. */
function writableFolders({ database, metrics_file, vendors, source }: Configuration): readonly string[] {
  const own = dirname(resolve(source.file))
  const places = Object.values(vendors).map(({ place }) => place)
  const folders = [
    ...(database.startsWith('sqlite:') ? [dirname(database.slice('sqlite:'.length))] : []),
    ...(metrics_file === undefined ? [] : [dirname(resolve(own, metrics_file))]),
    ...places.filter(isAbsolute),
  ]
  return [...new Set(folders.length === 0 ? [own] : folders)]
}

function printUnits(output: Output, units: readonly Unit[]): void {
  for (const [i, { name, text }] of units.entries()) {
    if (i > 0) output.line()
    output.line(`# ---- ${name}`)
    output.line(text.trimEnd())
  }
}

/** All of them or none: a file of the same name that somebody else wrote is left as it is. */
function writeUnits(folder: string, units: readonly Unit[]): void {
  const foreign = units.map(({ name }) => join(folder, name)).filter((file) => existsSync(file) && !isOurs(file))
  if (foreign.length > 0)
    throw new OperatorError({
      what: 'no unit was written',
      where: foreign.join(', '),
      why: 'not written by isync crontab, so it is not replaced',
      next: 'move it away, or isync crontab --systemd --write with another folder',
    })
  mkdirSync(folder, { recursive: true })
  for (const { name, text } of units) writeFileSync(join(folder, name), text)
}

function isOurs(file: string): boolean {
  return readFileSync(file, 'utf8').startsWith(UNIT_MARK)
}

/** Each command is a process of its own, as with cron, and writes to our own stdout and stderr. Stopped, it stops what is at work. */
async function runUntilStopped(output: Output, config: Configuration, jobs: readonly Job[]): Promise<Result> {
  const configFile = resolve(config.source.file)
  const stop = listenForStop()
  const ended = new Map<string, number>()
  const clock = configuredClock(config, process.env)
  const since = clock.now()
  output.line(`${jobs.length} commands are started at their minutes (UTC). SIGTERM ends this.`)
  await runSchedule({
    jobs,
    clock,
    since,
    signal: stop.signal,
    start: async (job) => {
      const code = await started([...callOf(job).split(' '), '--config', configFile], stop.signal)
      ended.set(job.command, (ended.get(job.command) ?? 0) + 1)
      output.line(`${callOf(job)}: ended with ${code}`)
    },
    skipped: (job) => output.line(`${callOf(job)}: still at work, not started again`),
  })
  stop.dispose()
  return { verdict: 'done', document: { config: configFile, ended: Object.fromEntries(ended) } }
}

/** The exit code, or the signal or error in its place. */
function started(words: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((settle) => {
    const child = spawn(programPath(), words, { stdio: ['ignore', 'inherit', 'inherit'] })
    const end = () => child.kill('SIGTERM')
    signal.addEventListener('abort', end, { once: true })
    child.on('error', (error) => settle(error.message))
    child.on('close', (code, by) => {
      signal.removeEventListener('abort', end)
      settle(String(code ?? by))
    })
  })
}

function refuseWhatDoesNotGoTogether({ run, systemd, write, logDir }: Options): void {
  const given = [
    ...(run === true ? ['--run'] : []),
    ...(systemd === true ? ['--systemd'] : []),
    ...(logDir === undefined ? [] : ['--log-dir']),
  ]
  if (given.length < 2 && (write === undefined || systemd === true)) return
  throw new OperatorError({
    what: 'these options do not go together',
    where: `isync crontab ${[...given, ...(write === undefined ? [] : ['--write'])].join(' ')}`,
    why: 'lines for cron, timers of systemd and --run are three ways of which one is meant; --write is for timers, --log-dir for lines',
    next: 'isync crontab --help',
  })
}

function accountName(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_.-]{0,30}$/.test(text)) return text
  throw new InvalidArgumentError('Give the name of an account.')
}
