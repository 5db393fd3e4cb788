import type { Knex } from 'knex'

/** What ShipStation shipped, and which order lines each package holds. A merged shipment has lines of several orders. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('shipments', (table) => {
    table.string('id', 40).primary()
    table.bigInteger('number').notNullable()
    table.string('source', 12).notNullable()
    table.bigInteger('shipstation_order_id')
    table.string('order_key', 160)
    table.string('order_number', 100)
    table.string('tracking_number', 100).notNullable()
    table.string('carrier_code', 100).notNullable()
    table.string('service_code', 100)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('shipped_at').notNullable()
    table.bigInteger('voided_at')
    table.integer('is_return').notNullable().defaultTo(0)
    table.text('items')
    /** matched | orphan | ignored | voided */
    table.string('state', 12).notNullable()
    table.text('reason')
    table.bigInteger('seen_at').notNullable()
    table.index(['state'])
    table.index(['shipstation_order_id'])
    table.index(['tracking_number'])
  })
  await knex.schema.createTable('shipment_lines', (table) => {
    table.string('shipment_id', 40).notNullable().references('id').inTable('shipments').onDelete('CASCADE')
    table.string('order_id', 36).notNullable().references('id').inTable('orders').onDelete('CASCADE')
    table.string('external_line_id', 100).notNullable()
    table.integer('quantity').notNullable()
    table.primary(['shipment_id', 'order_id', 'external_line_id'])
    table.index(['order_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['shipment_lines', 'shipments']) await knex.schema.dropTableIfExists(table)
}
