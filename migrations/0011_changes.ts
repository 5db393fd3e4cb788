import type { Knex } from 'knex'

/** What tells a later change of an order apart: units that had left before ShipStation was told of a line, and money that went back. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('order_lines', (table) => {
    /** Units that the channel counted as shipped when ShipStation was first told of the line: they are none of its units. */
    table.integer('qty_shipped_before').notNullable().defaultTo(0)
  })
  await knex.schema.alterTable('orders', (table) => {
    /** What the buyer has got back so far, as far as the channel's order tells, in minor units of the order's currency. */
    table.bigInteger('refunded_minor').notNullable().defaultTo(0)
  })
  // What ShipStation holds of lines that were pushed before is not asked of it again.
  await knex.raw(
    `update order_lines set qty_shipped_before = qty_to_ship + qty_shipped - qty_pushed
     where qty_pushed is not null and qty_to_ship + qty_shipped > qty_pushed`,
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => table.dropColumn('refunded_minor'))
  await knex.schema.alterTable('order_lines', (table) => table.dropColumn('qty_shipped_before'))
}
