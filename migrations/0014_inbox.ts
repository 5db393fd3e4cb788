import type { Knex } from 'knex'

/** What webhooks brought, kept before it is answered and worked on after; and how many requests were refused. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('inbox', (table) => {
    table.string('id', 36).primary()
    /** shipstation | zoho | ebay | amazon | orders */
    table.string('provider', 20).notNullable()
    table.string('delivery_key', 100).notNullable()
    /** Where the address names one; else ''. */
    table.string('channel', 60).notNullable().defaultTo('')
    table.string('topic', 60).notNullable()
    /** Encrypted. */
    table.text('body').notNullable()
    table.integer('bytes').notNullable()
    /** pending | running | waiting | done | dead */
    table.string('state', 10).notNullable()
    table.integer('attempts').notNullable().defaultTo(0)
    /** Rises when the same words are said anew: a worker that began before has not done what they ask for. */
    table.integer('generation').notNullable().defaultTo(0)
    /** How often it came, repeats included. */
    table.integer('times').notNullable().defaultTo(1)
    table.bigInteger('received_at').notNullable()
    table.bigInteger('next_attempt_at').notNullable()
    table.string('lease_owner', 36)
    table.bigInteger('lease_until')
    table.bigInteger('began_at')
    table.bigInteger('done_at')
    /** What became of it, in words. No personal data. */
    table.text('outcome')
    table.string('last_error_kind', 12)
    table.text('last_error')
    table.unique(['provider', 'delivery_key'])
    table.index(['received_at'])
  })
  await knex.raw(`create index inbox_due on inbox (provider, next_attempt_at) where state in ('pending', 'waiting', 'running')`)
  await knex.raw(`create index inbox_leased on inbox (lease_owner) where lease_owner is not null`)
  await knex.raw(`create index inbox_over on inbox (done_at, id) where done_at is not null`)
  await knex.raw(`create index inbox_dead on inbox (provider) where state = 'dead'`)
  await knex.schema.createTable('refusals', (table) => {
    table.string('provider', 20).notNullable()
    table.string('reason', 12).notNullable()
    /** Epoch ms, a whole hour. */
    table.bigInteger('hour').notNullable()
    table.integer('count').notNullable()
    table.primary(['hour', 'provider', 'reason'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('refusals')
  await knex.schema.dropTableIfExists('inbox')
}
