import type { Knex } from 'knex'

/**
 * What a reconciliation found to be other than it should be. A finding that a later run does not find again is closed; the same trouble
 * later is a new row. `external_order_id` and `sku` are '' where a finding is not about one. No personal data.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('findings', (table) => {
    table.string('id', 36).primary()
    table.string('kind', 24).notNullable()
    table.string('channel', 24).notNullable()
    table.string('external_order_id', 100).notNullable().defaultTo('')
    table.string('sku', 200).notNullable().defaultTo('')
    table.string('severity', 10).notNullable()
    table.text('detail').notNullable()
    table.text('next').notNullable()
    /** open | repaired | gone */
    table.string('state', 10).notNullable()
    table.bigInteger('opened_at').notNullable()
    table.bigInteger('last_seen_at').notNullable()
    table.bigInteger('closed_at')
    table.string('run_id', 36).notNullable()
    table.index(['closed_at', 'channel'])
    table.index(['external_order_id'])
  })
  await knex.raw(
    'create unique index findings_one_open on findings (kind, channel, external_order_id, sku) where closed_at is null',
  )
  await knex.raw('create index orders_order_created_at_index on orders (order_created_at)')
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index orders_order_created_at_index')
  await knex.schema.dropTableIfExists('findings')
}
