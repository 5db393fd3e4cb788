import type { Knex } from 'knex'

/** Retried work, places in the vendors' streams, and the leases that keep processes apart. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('tasks', (table) => {
    table.string('id', 36).primary()
    table.string('kind', 16).notNullable()
    table.string('key', 240).notNullable()
    table.string('channel', 24).notNullable()
    table.string('order_id', 36).references('id').inTable('orders').onDelete('CASCADE')
    table.string('shipment_id', 40).references('id').inTable('shipments').onDelete('CASCADE')
    table.string('state', 8).notNullable()
    table.integer('attempts').notNullable().defaultTo(0)
    /** Counts how often the work was asked for anew: a result of an older generation does not end a newer wish. */
    table.integer('generation').notNullable().defaultTo(1)
    table.bigInteger('next_attempt_at').notNullable()
    table.string('lease_owner', 60)
    table.bigInteger('lease_until')
    /** The request left, or may have left, at this time and no answer was recorded yet. */
    table.bigInteger('sent_at')
    table.string('last_error_kind', 12)
    table.text('last_error')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['kind', 'key'])
    table.index(['kind', 'state', 'next_attempt_at'])
    table.index(['order_id'])
    table.index(['shipment_id'])
    table.index(['lease_owner'])
  })
  await knex.schema.createTable('cursors', (table) => {
    table.string('channel', 24).notNullable()
    table.string('stream', 24).notNullable()
    table.bigInteger('at').notNullable()
    table.text('resume')
    table.bigInteger('updated_at').notNullable()
    table.primary(['channel', 'stream'])
  })
  await knex.schema.createTable('leases', (table) => {
    table.string('name', 80).primary()
    table.string('owner', 60).notNullable()
    table.string('host', 120).notNullable()
    table.integer('pid').notNullable()
    table.bigInteger('taken_at').notNullable()
    table.bigInteger('lease_until').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['leases', 'cursors', 'tasks']) await knex.schema.dropTableIfExists(table)
}
