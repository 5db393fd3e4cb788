import type { Knex } from 'knex'

/**
 * Messages to people about alerts, and what an alert's messages have said so far. A notice is one message by one medium; sending it is a
 * task of the kind `notify` whose key is the notice's id. No personal data of buyers.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('notices', (table) => {
    table.string('id', 36).primary()
    /** email | sms | slack */
    table.string('medium', 10).notNullable()
    /** opened | escalated | repeated | resolved | test | report */
    table.string('kind', 10).notNullable()
    /** Where a medium tells each person apart (SMS), to whom; '' for all. */
    table.string('recipient', 120).notNullable().defaultTo('')
    /** JSON list of alert ids. */
    table.text('alerts').notNullable()
    table.text('subject').notNullable()
    table.text('body').notNullable()
    table.text('html')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('sent_at')
    /** What the other side said. */
    table.text('answer')
    table.index(['created_at'])
    table.index(['medium', 'sent_at'])
  })
  await knex.schema.alterTable('alerts', (table) => {
    /** When people were last told of it, and at which severity. */
    table.bigInteger('notified_at')
    table.string('notified_severity', 10)
    table.bigInteger('resolution_told_at')
    table.string('acknowledged_by', 60)
    table.bigInteger('snoozed_until')
  })
  // What was told before there were messages is not told now.
  await knex.raw('update alerts set resolution_told_at = resolved_at where resolved_at is not null')
  await knex.raw(`create index alerts_untold on alerts (resolved_at) where resolution_told_at is null`)
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index alerts_untold')
  for (const column of ['notified_at', 'notified_severity', 'resolution_told_at', 'acknowledged_by', 'snoozed_until'])
    await knex.schema.alterTable('alerts', (table) => table.dropColumn(column))
  await knex.schema.dropTableIfExists('notices')
}
