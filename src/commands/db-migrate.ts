import type { Command } from 'commander'
import { migrateUp } from '../core/db/migrate.ts'
import { loadConfiguration } from './shell/configuration.ts'
import { execute } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'

/** `isync db:migrate` */
export function command(): Command {
  return newCommand('db:migrate', 'Make the database, or bring its schema up to this version; safe to run twice, and at once', [
    'isync db:migrate',
    'isync db:migrate --config /etc/isync/isync.config.yaml --json',
  ]).action((options: CommonOptions) =>
    execute('db:migrate', options, async (output) => {
      const config = loadConfiguration(options)
      const { applied } = await migrateUp(config.database)
      if (applied.length === 0) output.line('Nothing to do: the schema is up to date.')
      for (const name of applied) output.line(`applied ${name}`)
      return { verdict: 'done', document: { applied } }
    }),
  )
}
