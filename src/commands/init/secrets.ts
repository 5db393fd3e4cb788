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

/** Keys of a channel's `credentials`, and the key that the sandbox takes for each. */
const credentials = {
  amazon: { client_id: 'sandbox-client', client_secret: 'sandbox-secret', refresh_token: 'sandbox-refresh' },
  mirakl: { api_key: 'sandbox-key' },
} as const

const zohoCredentials = {
  client_id: 'sandbox-client',
  client_secret: 'sandbox-secret',
  refresh_token: 'sandbox-refresh',
} as const

const sources = {
  amazon: 'Seller Central > Apps and Services > Develop Apps > your app > LWA credentials; Authorize gives the refresh token',
  mirakl: "the operator's seller portal > your name > API key",
}

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

export function credentialKeys({ type }: ChannelAnswers): readonly string[] {
  return Object.keys(credentials[type])
}

/** Every secret that the configuration refers to. Those of the sandbox are known; the others wait for a person. */
export function secretGroups(answers: Answers, key: string): readonly SecretGroup[] {
  const known = answers.sandboxPort !== undefined
  const channels = answers.channels.map((channel) => ({
    about: `${channel.code}: ${known ? 'of the sandbox' : sources[channel.type]}`,
    secrets: Object.entries(credentials[channel.type]).map(([name, value]) => ({
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
