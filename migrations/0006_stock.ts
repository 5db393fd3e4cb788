import type { Knex } from 'knex'

/**
 * Stock as its source tells it, what orders have taken since, and what each channel was told. Units are whole pieces, times epoch
 * milliseconds UTC, flags 0 or 1.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('stock', (table) => {
    table.string('sku', 200).primary()
    /** Trimmed, lower case: how a channel's other spelling finds it. */
    table.string('sku_key', 200).notNullable()
    table.string('item_id', 40).notNullable()
    table.text('name')
    table.string('brand', 200)
    table.string('category', 200)
    /** tracked, inactive, or why no number may be made of it: unknown, duplicate, missing. */
    table.string('state', 12).notNullable()
    table.bigInteger('available').notNullable()
    table.text('fields').notNullable()
    /** When the reading that gave this number was begun: orders seen since then are deducted. */
    table.bigInteger('read_at').notNullable()
    table.string('reading_id', 36).notNullable()
    table.bigInteger('changed_at').notNullable()
    table.index(['sku_key'])
    table.index(['item_id'])
    table.index(['state'])
  })
  /** One reading of the source: nothing of it counts before it has been judged as a whole. */
  await knex.schema.createTable('stock_readings', (table) => {
    table.string('id', 36).primary()
    table.string('kind', 8).notNullable()
    table.bigInteger('began_at').notNullable()
    table.bigInteger('ended_at')
    table.string('verdict', 12)
    table.text('reason')
    table.integer('items').notNullable().defaultTo(0)
    table.integer('changed').notNullable().defaultTo(0)
    table.string('run_id', 36).notNullable()
    table.index(['kind', 'verdict', 'began_at'])
  })
  await knex.schema.createTable('stock_staged', (table) => {
    table.string('reading_id', 36).notNullable()
    table.string('item_id', 40).notNullable()
    table.string('sku', 200).notNullable()
    table.string('sku_key', 200).notNullable()
    table.text('name')
    table.string('brand', 200)
    table.string('category', 200)
    table.string('kind', 12).notNullable()
    table.bigInteger('available')
    table.text('fields').notNullable()
    table.bigInteger('read_at').notNullable()
    table.primary(['reading_id', 'item_id'])
    table.index(['reading_id', 'sku'])
  })
  /** Every change of a SKU's number at its source, append-only. */
  await knex.schema.createTable('stock_history', (table) => {
    table.string('sku', 200).notNullable()
    table.bigInteger('read_at').notNullable()
    table.string('reading_id', 36).notNullable()
    table.bigInteger('previous')
    table.bigInteger('available')
    table.string('state', 12).notNullable()
    table.text('fields').notNullable()
    table.primary(['sku', 'read_at', 'reading_id'])
  })
  /** What orders took and gave back, append-only. */
  await knex.schema.createTable('stock_movements', (table) => {
    table.string('id', 36).primary()
    table.string('sku', 200).notNullable()
    table.bigInteger('delta').notNullable()
    table.string('reason', 16).notNullable()
    table.string('ref', 260).notNullable()
    table.string('channel', 24).notNullable()
    table.string('external_order_id', 100).notNullable()
    table.string('external_line_id', 100).notNullable()
    table.bigInteger('at').notNullable()
    /** When the line was first deducted: what is given back counts for a reading only if its sale does. */
    table.bigInteger('sold_at').notNullable()
    table.string('run_id', 36)
    table.unique(['reason', 'ref'])
    table.index(['sku', 'sold_at'])
    table.index(['channel', 'external_order_id'])
  })
  /** SKUs to be published anew before the next full recomputation. */
  await knex.schema.createTable('stock_marks', (table) => {
    table.string('sku', 200).primary()
    table.string('why', 40).notNullable()
    table.bigInteger('at').notNullable()
  })
  /** One row per channel and SKU: what it should show, what it was last told and took. A row is its own unit of work. */
  await knex.schema.createTable('publications', (table) => {
    table.string('channel', 24).notNullable()
    table.string('sku', 200).notNullable()
    table.bigInteger('wanted').notNullable()
    table.text('why').notNullable()
    table.bigInteger('wanted_at').notNullable()
    table.string('wanted_run', 36).notNullable()
    table.bigInteger('accepted')
    table.bigInteger('accepted_at')
    /** settled, due, sending, reported (its report is awaited), unlisted, not-ours, dead. */
    table.string('state', 12).notNullable()
    /** Why a due raise has to wait. */
    table.text('held')
    table.bigInteger('sent')
    table.bigInteger('sent_at')
    table.string('report', 200)
    table.integer('attempts').notNullable().defaultTo(0)
    table.bigInteger('next_attempt_at').notNullable()
    table.string('lease_owner', 60)
    table.bigInteger('lease_until')
    table.string('last_error_kind', 12)
    table.text('last_error')
    table.primary(['channel', 'sku'])
    table.index(['channel', 'state', 'next_attempt_at'])
    table.index(['sku'])
    table.index(['lease_owner'])
  })
  /** Every quantity a channel was told and what it said, append-only. */
  await knex.schema.createTable('publication_log', (table) => {
    table.string('id', 36).primary()
    table.bigInteger('at').notNullable()
    table.string('channel', 24).notNullable()
    table.string('sku', 200).notNullable()
    table.bigInteger('quantity').notNullable()
    table.bigInteger('previous')
    table.string('outcome', 12).notNullable()
    table.text('why').notNullable()
    table.text('detail')
    table.string('report', 200)
    table.string('run_id', 36).notNullable()
    table.index(['sku', 'at'])
    table.index(['at'])
  })
  await knex.schema.createTable('listings', (table) => {
    table.string('channel', 24).notNullable()
    table.string('sku', 200).notNullable()
    table.integer('listed').notNullable()
    table.string('fulfilment', 12)
    table.bigInteger('quantity')
    table.string('product_type', 120)
    table.bigInteger('checked_at').notNullable()
    table.primary(['channel', 'sku'])
  })
  // Settings of single SKUs carry the SKU in their key. SQLite knows no length.
  if (knex.client.config.client === 'pg') await knex.raw('alter table settings alter column key type varchar(300)')
}

export async function down(knex: Knex): Promise<void> {
  const tables = [
    'listings',
    'publication_log',
    'publications',
    'stock_marks',
    'stock_movements',
    'stock_history',
    'stock_staged',
    'stock_readings',
    'stock',
  ]
  for (const table of tables) await knex.schema.dropTableIfExists(table)
}
