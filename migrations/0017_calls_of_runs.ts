import type { Knex } from 'knex'

/** What a run that goes on for days asks of the vendors, while it runs and by the time at which it did. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('run_calls', (table) => {
    table.string('run_id', 36).notNullable()
    /** Epoch ms, a whole quarter of an hour. */
    table.bigInteger('from_at').notNullable()
    /** JSON { account: { operation: calls } }. */
    table.text('calls').notNullable()
    table.primary(['run_id', 'from_at'])
    table.index(['from_at'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('run_calls')
}
