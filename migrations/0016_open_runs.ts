import type { Knex } from 'knex'

/** Runs without an end are few among very many: finding those still at work costs the same however many there have been. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index runs_open on runs (started_at) where ended_at is null')
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index runs_open')
}
