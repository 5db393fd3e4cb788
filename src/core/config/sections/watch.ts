import { durationMs, integer, parsed, section, tableOf } from '../fields.ts'

const LONGEST_MS = 90 * 86_400_000

/** How long commands may be without success before somebody is told. An interval of 0: not watched. */
export const watch = section({
  commands: tableOf(
    'a command',
    /^[a-z][a-z:-]{1,39}$/,
    parsed('a duration 1m..90d, such as 30m, 12h or 7d, or off', 'Interval', (value) => {
      if (value === 'off') return 0
      const ms = durationMs(value)
      return ms !== undefined && ms >= 60_000 && ms <= LONGEST_MS ? ms : undefined
    }),
    {
      type: 'a table of command: duration or off',
      description:
        'How often a command is meant to succeed, where it differs from crontab.example; off: nobody is told when it does not',
    },
  ).prefault({}),
  warning_intervals: integer(
    1,
    1000,
    'A command, or the reading of a channel, that has not succeeded for more than this many of its intervals is a warning',
  ).prefault('3'),
  critical_intervals: integer(1, 1000, '... and for more than this many it is critical').prefault('6'),
})
