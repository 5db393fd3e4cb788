import type { Command } from 'commander'
import { readMigrationStatus } from '../core/db/migrate.ts'
import { OperatorError } from '../core/errors.ts'
import { loadConfiguration } from './shell/configuration.ts'
import { execute } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'

/** `isync db:status` */
export function command(): Command {
  return newCommand('db:status', 'Whether the database can be reached and its schema is the one this version knows', [
    'isync db:status',
    'isync db:status --json',
  ]).action((options: CommonOptions) =>
    execute('db:status', options, async (output) => {
      const config = loadConfiguration(options)
      const { shown, status } = await readMigrationStatus(config.database)
      const { applied, pending, unknown } = status
      output.line(`database: ${shown}`)
      output.line(`applied:  ${applied.length === 0 ? 'none' : applied.join(', ')}`)
      if (pending.length > 0) output.line(`pending:  ${pending.join(', ')}`)
      if (output.json || pending.length + unknown.length === 0)
        return { verdict: 'done', document: { database: shown, ...status, ok: pending.length + unknown.length === 0 } }
      throw new OperatorError({
        what: unknown.length > 0 ? 'the schema is newer than this program' : 'migrations are pending',
        where: shown,
        why: (unknown.length > 0 ? unknown : pending).join(', '),
        next: unknown.length > 0 ? 'run the newer version of isync on this host too' : 'isync db:migrate',
      })
    }),
  )
}
