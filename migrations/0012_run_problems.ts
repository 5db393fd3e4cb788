import type { Knex } from 'knex'

/** What went wrong in a run, as its report said: a JSON list of { channel, what, why, next }, ids only; null: nothing, or a run without an end. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('runs', (table) => {
    table.text('problems')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('runs', (table) => {
    table.dropColumn('problems')
  })
}
