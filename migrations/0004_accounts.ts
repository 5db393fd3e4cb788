import type { Knex } from 'knex'

/** What all processes of all hosts share about one vendor account: limits, token, circuit. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('rate_buckets', (table) => {
    table.string('account', 60).notNullable()
    table.string('bucket', 60).notNullable()
    /** GCRA: the instant (epoch ms) at which the bucket would be full again. */
    table.bigInteger('full_at').notNullable()
    /** The vendor's own rate, once it has told us: milliseconds per call, and calls at once. */
    table.bigInteger('interval_ms')
    table.integer('burst')
    table.bigInteger('blocked_until').notNullable().defaultTo(0)
    table.primary(['account', 'bucket'])
  })
  await knex.schema.createTable('access_tokens', (table) => {
    table.string('account', 60).primary()
    /** Digest of the credentials: a token of other credentials is not used. */
    table.string('fingerprint', 16).notNullable()
    table.text('token')
    table.bigInteger('expires_at').notNullable().defaultTo(0)
    table.string('lease_owner', 60)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
  })
  await knex.schema.createTable('circuits', (table) => {
    table.string('account', 60).primary()
    table.string('fingerprint', 16).notNullable()
    table.bigInteger('opened_at').notNullable()
    table.bigInteger('probe_at').notNullable()
    table.text('reason').notNullable()
  })
  /** Answers of a vendor that change rarely and may be asked for rarely (Mirakl's carriers: once a day). No personal data. */
  await knex.schema.createTable('account_notes', (table) => {
    table.string('account', 60).notNullable()
    table.string('name', 60).notNullable()
    table.text('value').notNullable()
    table.bigInteger('expires_at').notNullable()
    table.primary(['account', 'name'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['account_notes', 'circuits', 'access_tokens', 'rate_buckets']) await knex.schema.dropTableIfExists(table)
}
