import type { Knex } from 'knex'

/** The daily report asks for the orders that came in a day; without this it would read every order there ever was. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index orders_first_seen_at_index on orders (first_seen_at)')
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index orders_first_seen_at_index')
}
