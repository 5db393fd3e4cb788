import { dirname } from 'node:path'
import { callOf, type Job, jobsWith, type Need } from './crontab.ts'

/** A unit of systemd: the file's name and its whole text. */
export interface Unit {
  readonly name: string
  readonly text: string
}

/** Where the program and its files are, as absolute paths. */
export interface UnitPlaces {
  readonly program: string
  readonly configFile: string
  /** Folders that the program writes to; all others are read-only to it. */
  readonly writable: readonly string[]
  /** The account that it runs as. */
  readonly user: string
}

/** First line of every unit, by which a later run knows its own. */
export const UNIT_MARK = '# Written by isync crontab --systemd: changes belong into a drop-in (systemctl edit).'

/** A service and a timer for each job, and a target that starts and stops all the timers. `has`: what the configuration has of what jobs need. */
export function systemdUnits(places: UnitPlaces, has: readonly Need[]): readonly Unit[] {
  const jobs = jobsWith(has)
  const timers = jobs.map((job) => `${unitName(job)}.timer`)
  return [
    { name: 'isync.target', text: target(timers) },
    ...jobs.flatMap((job) => [
      { name: `${unitName(job)}.service`, text: service(job, places) },
      { name: `${unitName(job)}.timer`, text: timer(job) },
    ]),
  ]
}

function target(timers: readonly string[]): string {
  return `${UNIT_MARK}
[Unit]
Description=isync's schedule
Wants=${timers.join(' ')}

[Install]
WantedBy=multi-user.target
`
}

function unitName({ command }: Job): string {
  return `isync-${command.replaceAll(':', '-')}`
}

function service(job: Job, { program, configFile, writable, user }: UnitPlaces): string {
  return `${UNIT_MARK}
[Unit]
Description=isync ${callOf(job)}
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
Type=oneshot
User=${value(user)}
WorkingDirectory=${value(dirname(configFile))}
ExecStart=${word(program)} ${callOf(job)} --config ${word(configFile)}
# Done in part (3): what is left is tried again by itself, and isync tells of it where it has to be told.
SuccessExitStatus=3
# isync ends ten seconds after it is told to.
TimeoutStopSec=20
SyslogIdentifier=${unitName(job)}
ReadWritePaths=${writable.map((folder) => word(`-${folder}`)).join(' ')}
${HARDENING}`
}

// No MemoryDenyWriteExecute: JavaScript is compiled while it runs.
const HARDENING = `UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
`

function timer(job: Job): string {
  return `${UNIT_MARK}
[Unit]
Description=When isync ${callOf(job)} runs
PartOf=isync.target

[Timer]
OnCalendar=${onCalendar(job.at)}
# What was missed while the machine was off runs once when it is back.
Persistent=yes
# So that many machines do not ask a vendor in the same second.
RandomizedDelaySec=10
AccuracySec=1
`
}

/** `2-59/5 * * * *` -> `*-*-* *:02/5:00 UTC`. Only minute and hour are ever other than `*` in our schedule. */
function onCalendar(at: string): string {
  const [minute = '', hour = ''] = at.split(' ')
  return `*-*-* ${hour === '*' ? '*' : parts(hour)}:${parts(minute)}:00 UTC`
}

function parts(field: string): string {
  return field
    .split(',')
    .map((part) => {
      const [from = '', step] = part.split('/')
      const first = from === '*' ? '0' : from.replace(/-.*/, '')
      return `${first.padStart(2, '0')}${step === undefined ? '' : `/${step}`}`
    })
    .join(',')
}

/** A word of a command line or of a list of paths: blanks and quotes are kept, and what systemd would fill in is doubled. */
function word(text: string): string {
  const quoted = /^[\w./+:@%-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`
  return value(quoted).replaceAll('$', '$$$$')
}

/** A whole value: to the end of the line, with only percent signs having a meaning. */
function value(text: string): string {
  return text.replaceAll('%', '%%')
}
