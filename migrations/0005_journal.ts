import type { Knex } from 'knex'

/** What happened: executions, the append-only audit, alerts, and settings changed at run time. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('runs', (table) => {
    table.string('id', 36).primary()
    table.string('command', 40).notNullable()
    table.string('host', 120).notNullable()
    table.integer('pid').notNullable()
    table.bigInteger('started_at').notNullable()
    table.bigInteger('ended_at')
    table.string('verdict', 16)
    table.text('counts')
    table.text('calls')
    table.index(['started_at'])
    table.index(['command', 'started_at'])
  })
  await knex.schema.createTable('events', (table) => {
    table.string('id', 36).primary()
    table.bigInteger('at').notNullable()
    table.string('run_id', 36)
    table.string('actor', 60).notNullable()
    table.string('entity', 16).notNullable()
    table.string('entity_id', 160).notNullable()
    table.string('what', 40).notNullable()
    table.text('detail')
    table.index(['entity', 'entity_id'])
    table.index(['at'])
  })
  await knex.schema.createTable('alerts', (table) => {
    table.string('id', 36).primary()
    table.string('rule', 40).notNullable()
    table.string('channel', 24).notNullable()
    table.string('severity', 10).notNullable()
    table.bigInteger('opened_at').notNullable()
    table.bigInteger('last_seen_at').notNullable()
    table.integer('count').notNullable().defaultTo(1)
    table.text('message').notNullable()
    table.text('next').notNullable()
    table.bigInteger('acknowledged_at')
    table.bigInteger('resolved_at')
    table.index(['resolved_at'])
  })
  await knex.raw('create unique index alerts_one_open on alerts (rule, channel) where resolved_at is null')
  await knex.schema.createTable('settings', (table) => {
    table.string('key', 120).primary()
    table.text('value').notNullable()
    table.string('changed_by', 60).notNullable()
    table.bigInteger('changed_at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['settings', 'alerts', 'events', 'runs']) await knex.schema.dropTableIfExists(table)
}
