import { type Answers, standInOf, type ZohoAnswers } from './answers.ts'
import { channelLines } from './channel-text.ts'
import { zohoCredentialKeys, zohoVariableOf } from './secrets.ts'
import { noted, scalar, yours } from './text.ts'

/** The configuration as a person would write it. Every value in it is checked already; secrets are references. */
export function configText(answers: Answers): string {
  const { sandboxPort } = answers
  const intro =
    sandboxPort === undefined
      ? []
      : [`# This one talks to the stand-ins of "isync sandbox --port-base ${sandboxPort}" and to no vendor.`]
  const lines = [
    '# Configuration of isync. "isync config:check" lists every mistake at once; docs/configuration.md explains every key.',
    '# No secret stands here: ${NAME} is taken from the environment, or from the file .env beside this one.',
    ...intro,
    '',
    ...databaseLines(answers),
    '',
    '# Encrypts names, addresses, phones and e-mails in the database. The first key encrypts, all decrypt.',
    'encryption_keys: ${ISYNC_KEYS}',
    '',
    '# Your marketplace accounts. The name of a channel is yours to choose and then stays: orders are known by it.',
    ...(answers.areExamples ? ['# One of each kind stands here: take out those that you do not have.'] : []),
    'channels:',
    ...answers.channels.flatMap((channel, i) => [...(i === 0 ? [] : ['']), ...channelLines(answers, channel)]),
    '',
    '# The V1 API of the account that ships. Orders of each channel go to its shipstation_store_id above.',
    'shipstation:',
    '  api_key: ${SHIPSTATION_API_KEY}',
    '  api_secret: ${SHIPSTATION_API_SECRET}',
    ...(sandboxPort === undefined ? [] : [`  endpoint: ${standInOf('shipstation', sandboxPort)}`]),
    noted('  on_cancel: hold', 'when a buyer cancels after the push: hold for a person, cancel, or none'),
    ...(answers.zoho === undefined ? noStockLines : stockLines(answers, answers.zoho)),
  ]
  return `${lines.join('\n')}\n`
}

const noStockLines = ['', '# No stock: without a section zoho isync moves orders and tracking, and leaves every quantity alone.']

function stockLines({ sandboxPort, areExamples }: Answers, { dataCenter, organizationId }: ZohoAnswers): readonly string[] {
  const which = 'the end of its address in your browser: com, eu, in ...'
  return [
    '',
    '# Where the stock numbers come from. isync reads them and never writes to Zoho.',
    'zoho:',
    noted(`  data_center: ${dataCenter}`, yours(areExamples, which)),
    noted(`  organization_id: ${JSON.stringify(organizationId)}`, yours(areExamples, '"isync doctor" names those you may see')),
    noted('  available_field: available_stock', 'which of its numbers is stock: docs/vendors/zoho.md'),
    noted(
      `  daily_calls: ${sandboxPort === undefined ? 2500 : 10_000}`,
      yours(areExamples, 'calls a day of your plan, 1000 to 10000'),
    ),
    ...(sandboxPort === undefined
      ? []
      : [`  endpoint: ${standInOf('zoho', sandboxPort)}`, `  auth_endpoint: ${standInOf('zoho', sandboxPort)}`]),
    '  credentials:',
    ...zohoCredentialKeys.map((key) => `    ${key}: \${${zohoVariableOf(key)}}`),
    '',
    '# How much of it each channel is told: (stock - safety_stock) x ratio, at most max_oversell_pct of it. A channel may have its own',
    '# values beside its shipstation_store_id. "isync alloc:preview --available 10" shows what comes out; "isync settings" what holds.',
    'inventory:',
    noted('  safety_stock: 1', 'units of each SKU that are offered nowhere'),
    noted('  max_oversell_pct: 150', 'the most a channel is told, in percent of the stock after that'),
  ]
}

function databaseLines({ database }: Answers): readonly string[] {
  if (database.startsWith('sqlite:')) {
    return [
      '# SQLite needs no server. For several hosts: postgres://user:${ISYNC_DB_PASSWORD}@host:5432/isync',
      `database: ${scalar(database)}`,
    ]
  }
  return [`database: ${scalar(withPasswordReference(database))}`]
}

/** `postgres://user@host/db` -> `postgres://user:${ISYNC_DB_PASSWORD}@host/db`. */
export function withPasswordReference(url: string, password = '${ISYNC_DB_PASSWORD}'): string {
  const at = url.lastIndexOf('@')
  return `${url.slice(0, at)}:${password}${url.slice(at)}`
}
