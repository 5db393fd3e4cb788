import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { OperatorError } from '../core/errors.ts'
import { type Configuration, loadConfiguration } from './shell/configuration.ts'
import { crontabBlock, crontabMarks, type Need } from './shell/crontab.ts'
import { execute, type Result } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { programPath } from './shell/program-path.ts'
import { systemdUnits, UNIT_MARK, type Unit } from './shell/systemd-units.ts'

interface Options extends CommonOptions {
  readonly logDir?: string
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
    .option('--systemd', 'timers and services for the same jobs; their output goes to the journal')
    .option('--user <name>', 'with --systemd: the account that isync runs as', accountName, 'isync')
    .option('--write <dir>', 'with --systemd: write the units into this folder, over those that it wrote before')
    .action((options: Options) => execute('crontab', options, async (output) => crontab(output, options)))
}

function crontab(output: Output, options: Options): Result {
  refuseWhatDoesNotGoTogether(options)
  const config = loadConfiguration(options)
  const configFile = resolve(config.source.file)
  const has = needsMet(config)
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

function needsMet({ zoho, alerts }: Configuration): readonly Need[] {
  return [...(zoho === undefined ? [] : ['zoho' as const]), ...(alerts.email === undefined ? [] : ['mail' as const])]
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

function refuseWhatDoesNotGoTogether({ systemd, write, logDir }: Options): void {
  const wrong = systemd === true ? (logDir === undefined ? undefined : '--log-dir') : write === undefined ? undefined : '--write'
  if (wrong === undefined) return
  throw new OperatorError({
    what: `${wrong} does not fit`,
    where: 'isync crontab',
    why:
      wrong === '--write'
        ? "without --systemd nothing is written: a crontab is installed by cron's own command"
        : 'services log to the journal',
    next: 'isync crontab --help',
  })
}

function accountName(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_.-]{0,30}$/.test(text)) return text
  throw new InvalidArgumentError('Give the name of an account.')
}
