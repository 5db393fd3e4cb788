import type { Sandbox } from '../../src/sandbox/server.ts'

/** Channels that a world has on top of Amazon and Mirakl. */
export const moreChannels = ['ebay', 'dsco', 'channeladvisor'] as const

export type MoreChannel = (typeof moreChannels)[number]

interface Account {
  readonly secrets: Readonly<Record<string, string>>
  /** The channel's section, without what a world adds to it. */
  section(origin: string): string
}

const accounts: Readonly<Record<MoreChannel, Account>> = {
  ebay: {
    secrets: { EBAY_APP: 'sandbox-app', EBAY_CERT: 'sandbox-cert', EBAY_REFRESH: 'sandbox-refresh' },
    section: (origin) => `  ebay-us:
    type: ebay
    shipstation_store_id: 20004
    endpoint: ${origin}
    auth_endpoint: ${origin}
    credentials: { app_id: '\${EBAY_APP}', cert_id: '\${EBAY_CERT}', refresh_token: '\${EBAY_REFRESH}' }`,
  },
  dsco: {
    secrets: { DSCO_ID: 'sandbox-client', DSCO_SECRET: 'sandbox-secret' },
    section: (origin) => `  rithum-acme:
    type: rithum
    product: dsco
    shipstation_store_id: 20005
    endpoint: ${origin}
    credentials: { client_id: '\${DSCO_ID}', client_secret: '\${DSCO_SECRET}' }`,
  },
  channeladvisor: {
    secrets: {
      CHANNELADVISOR_APP: 'sandbox-app',
      CHANNELADVISOR_SHARED: 'sandbox-shared',
      CHANNELADVISOR_REFRESH: 'sandbox-refresh',
    },
    section: (origin) => `  rithum-ca:
    type: rithum
    product: channeladvisor
    shipstation_store_id: 20006
    double_path: watch
    endpoint: ${origin}
    auth_endpoint: ${origin}
    credentials:
      application_id: \${CHANNELADVISOR_APP}
      shared_secret: \${CHANNELADVISOR_SHARED}
      refresh_token: \${CHANNELADVISOR_REFRESH}`,
  },
}

/** The stand-ins' own keys, as .env has them. */
export function secretsOf(channels: readonly MoreChannel[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...channels.map((channel) => accounts[channel].secrets)) as Record<string, string>
}

/** Their sections below `channels`; `added` are lines of one. */
export function sectionsOf(channels: readonly MoreChannel[], sandbox: Sandbox, added: (channel: MoreChannel) => string): string {
  return channels.map((channel) => `${accounts[channel].section(sandbox.origins[channel])}\n${added(channel)}`).join('\n')
}

/** What these vendors' rate limits would add to a story is only waiting. */
export function withoutMoreLimits(sandbox: Sandbox): void {
  sandbox.seed('ebay', { quotas: 'off' })
  sandbox.seed('dsco', { limits: false })
  sandbox.seed('channeladvisor', { limits: 'off' })
}
