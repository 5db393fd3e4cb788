import type { Knex } from 'knex'

/** Where an order was sold, when a channel carries orders of other marketplaces, and the order of another channel that it is a second copy of. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.string('sold_on_site', 100)
    table.string('sold_on_order', 100)
    /** `<channel>/<order id>`; empty once a person has said that it is an order of its own. */
    table.string('twin_of', 130)
  })
  await knex.raw('create index orders_sold_on_order_index on orders (sold_on_order) where sold_on_order is not null')
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index orders_sold_on_order_index')
  await knex.schema.alterTable('orders', (table) => table.dropColumns('sold_on_site', 'sold_on_order', 'twin_of'))
}
