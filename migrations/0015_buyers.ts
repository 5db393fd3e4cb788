import type { Knex } from 'knex'

/** Whose order it is, by keyed digests of what the marketplace calls its buyer: enough to find it when that account is deleted there. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('buyer_accounts', (table) => {
    table.string('digest', 43).notNullable()
    table.string('order_id', 36).notNullable()
    table.primary(['digest', 'order_id'])
    table.index(['order_id'])
  })
  /** Accounts that were deleted not long ago, by the same digests: an order of theirs may be read late. */
  await knex.schema.createTable('deleted_accounts', (table) => {
    table.string('digest', 43).primary()
    table.bigInteger('deleted_at').notNullable()
    table.index(['deleted_at', 'digest'])
  })
  await knex.schema.alterTable('orders', (table) => {
    /** Since when its personal data is to go as soon as it is shipped or cancelled, whatever its age. */
    table.bigInteger('erase_asked_at')
    /** 1: its document was stored and nobody has looked in it for the buyer's account. */
    table.integer('buyer_unread').notNullable().defaultTo(0)
  })
  await knex.raw('update orders set buyer_unread = 1 where erased_at is null')
  await knex.raw(
    'create index orders_erase_asked on orders (channel, erase_asked_at, id) where erased_at is null and erase_asked_at is not null',
  )
  await knex.raw('create index orders_buyer_unread on orders (channel, id) where erased_at is null and buyer_unread = 1')
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index orders_buyer_unread')
  await knex.raw('drop index orders_erase_asked')
  for (const column of ['buyer_unread', 'erase_asked_at']) await knex.raw(`alter table orders drop column ${column}`)
  for (const table of ['deleted_accounts', 'buyer_accounts']) await knex.schema.dropTableIfExists(table)
}
