import type { Knex } from 'knex'

/**
 * When an order was over (shipped or cancelled), and when its personal data was erased. How long a document is kept is said by the
 * configuration alone, so its row only says when it came.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.bigInteger('closed_at')
    table.bigInteger('erased_at')
  })
  await knex.raw(
    `update orders set closed_at = coalesce(shipped_at, changed_at) where status = 'shipped' or status = 'cancelled'`,
  )
  // Only what is still to be erased is in it: finding that costs the same however many orders there have been.
  await knex.raw(
    'create index orders_to_erase on orders (channel, closed_at, id) where erased_at is null and closed_at is not null',
  )
  await knex.raw('drop index order_payloads_expires_at_index')
  await knex.raw('alter table order_payloads drop column expires_at')
  await knex.raw('create index order_payloads_received_at_index on order_payloads (received_at)')
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index order_payloads_received_at_index')
  await knex.raw('alter table order_payloads add column expires_at bigint not null default 0')
  await knex.raw('create index order_payloads_expires_at_index on order_payloads (expires_at)')
  await knex.raw('drop index orders_to_erase')
  for (const column of ['closed_at', 'erased_at']) await knex.raw(`alter table orders drop column ${column}`)
}
