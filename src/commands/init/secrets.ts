import type { Answers, ChannelAnswers } from './answers.ts'

/** One line of `.env`. */
export interface Secret {
  readonly name: string
  /** '' until somebody fills it in. */
  readonly value: string
}

/** Lines of `.env` that belong together, under a comment that says where the values come from. */
export interface SecretGroup {
  readonly about: string
  readonly secrets: readonly Secret[]
}

interface Login {
  /** Keys of the channel's `credentials`, and what the sandbox takes for each. */
  readonly keys: Readonly<Record<string, string>>
  /** Where a person finds them. */
  readonly source: string
}

const logins = {
  amazon: {
    keys: { client_id: 'sandbox-client', client_secret: 'sandbox-secret', refresh_token: 'sandbox-refresh' },
    source: 'Seller Central > Apps and Services > Develop Apps > your app > LWA credentials; Authorize gives the refresh token',
  },
  ebay: {
    keys: { app_id: 'sandbox-app', cert_id: 'sandbox-cert', refresh_token: 'sandbox-refresh' },
    source: "developer.ebay.com > Application Keys; the seller's consent gives the refresh token: docs/vendors/ebay.md",
  },
  mirakl: { keys: { api_key: 'sandbox-key' }, source: "the operator's seller portal > your name > API key" },
  dsco: {
    keys: { client_id: 'sandbox-client', client_secret: 'sandbox-secret' },
    source: 'the login at dsco.io: client id and secret of its API v3',
  },
  dscoStatic: { keys: { token: 'sandbox-token' }, source: 'the login at dsco.io: the fixed token of its API' },
  channeladvisor: {
    keys: { application_id: 'sandbox-app', shared_secret: 'sandbox-shared', refresh_token: 'sandbox-refresh' },
    source: 'the developer console of ChannelAdvisor: your application; an authorized account gives the refresh token',
  },
} satisfies Readonly<Record<string, Login>>

function loginOf(channel: ChannelAnswers): Login {
  if (channel.type !== 'rithum') return logins[channel.type]
  if (channel.product === 'channeladvisor') return logins.channeladvisor
  return channel.auth === 'static' ? logins.dscoStatic : logins.dsco
}

const zohoCredentials = {
  client_id: 'sandbox-client',
  client_secret: 'sandbox-secret',
  refresh_token: 'sandbox-refresh',
} as const

/** The name of the variable that `credentials.<key>` of a channel refers to. */
export function variableOf({ code }: ChannelAnswers, key: string): string {
  const name = `${code}_${key}`.replaceAll('-', '_').toUpperCase()
  return /^[A-Z]/.test(name) ? name : `CHANNEL_${name}`
}

export const zohoCredentialKeys = Object.keys(zohoCredentials)

/** The name of the variable that `zoho.credentials.<key>` refers to. */
export function zohoVariableOf(key: string): string {
  return `ZOHO_${key}`.toUpperCase()
}

export function credentialKeys(channel: ChannelAnswers): readonly string[] {
  return Object.keys(loginOf(channel).keys)
}

/** Every secret that the configuration refers to. Those of the sandbox are known; the others wait for a person. */
export function secretGroups(answers: Answers, key: string): readonly SecretGroup[] {
  const known = answers.sandboxPort !== undefined
  const channels = answers.channels.map((channel) => ({
    about: `${channel.code}: ${known ? 'of the sandbox' : loginOf(channel).source}`,
    secrets: Object.entries(loginOf(channel).keys).map(([name, value]) => ({
      name: variableOf(channel, name),
      value: known ? value : '',
    })),
  }))
  const shipstation = {
    about: `ShipStation: ${known ? 'of the sandbox' : 'Settings > Account > API Settings (V1 key and secret)'}`,
    secrets: [
      { name: 'SHIPSTATION_API_KEY', value: known ? 'sandbox-key' : '' },
      { name: 'SHIPSTATION_API_SECRET', value: known ? 'sandbox-secret' : '' },
    ],
  }
  const zoho = {
    about: `Zoho: ${known ? 'of the sandbox' : 'API console > Self Client; docs/vendors/zoho.md says with which scopes'}`,
    secrets: Object.entries(zohoCredentials).map(([name, value]) => ({ name: zohoVariableOf(name), value: known ? value : '' })),
  }
  const database = {
    about: 'PostgreSQL: the password of the user in `database`',
    secrets: [{ name: 'ISYNC_DB_PASSWORD', value: answers.databasePassword ?? '' }],
  }
  return [
    {
      about: 'Encrypts personal data in the database. Keep a copy in a safe place: without it that data cannot be read again.',
      secrets: [{ name: 'ISYNC_KEYS', value: key }],
    },
    ...(answers.database.startsWith('sqlite:') ? [] : [database]),
    ...channels,
    shipstation,
    ...(answers.zoho === undefined ? [] : [zoho]),
  ]
}

/** Names of the secrets that are still empty. */
export function unfilled(groups: readonly SecretGroup[]): readonly string[] {
  return groups.flatMap(({ secrets }) => secrets.filter(({ value }) => value === '').map(({ name }) => name))
}

export function envText(groups: readonly SecretGroup[]): string {
  const lines = groups.flatMap(({ about, secrets }) => [
    '',
    `# ${about}`,
    ...secrets.map(({ name, value }) => `${name}=${isPlain(value) ? value : quoted(value)}`),
  ])
  return `# The secrets that isync.config.yaml refers to as \${NAME}. Keep this file at mode 600 and out of version control.\n${lines.join('\n')}\n`
}

function isPlain(value: string): boolean {
  return /^[\w:+/=.,-]*$/.test(value)
}

// The reader knows no escapes inside quotes, so the kind is taken that does not occur.
function quoted(value: string): string {
  const quote = ["'", '"', '`'].find((kind) => !value.includes(kind))
  if (quote === undefined) throw new RangeError('a secret with all three kinds of quotes cannot be written to .env')
  return `${quote}${value}${quote}`
}
