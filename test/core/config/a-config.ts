import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type ChannelVendor, channelTypes } from '../../../src/connectors/index.ts'
import { loadConfig } from '../../../src/core/config/load.ts'
import { ConfigError } from '../../../src/core/config/problems.ts'
import type { Config } from '../../../src/core/config/schema.ts'

const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isync-config-'))
  folders.push(folder)
  return folder
}

export function aFile(folder: string, name: string, text: string | Uint8Array, mode = 0o600): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

export const KEY_TEXT = Buffer.alloc(32, 7).toString('base64')

/** Every reference of {@link wholeFile}, each with a value of its own. */
export const env: Readonly<Record<string, string>> = {
  ISYNC_KEYS: `k1:${KEY_TEXT}`,
  PGPASSWORD: 'canary-pg-p@ss/w%rd',
  ...Object.fromEntries(
    ['AMZ_ID', 'AMZ_SECRET', 'AMZ_REFRESH', 'EBAY_APP', 'EBAY_CERT', 'EBAY_REFRESH', 'MACYS_KEY', 'DSCO_ID', 'DSCO_SECRET']
      .concat(['SS_KEY', 'SS_SECRET', 'ZOHO_ID', 'ZOHO_SECRET', 'ZOHO_REFRESH'])
      .map((name) => [name, `canary-${name}`]),
  ),
}

/** The example of the specification, as an operator would copy it. */
export const wholeFile = `database: postgres://user:\${PGPASSWORD}@host/isync
encryption_keys: \${ISYNC_KEYS}           # k2:<base64 of 32 bytes>,k1:<...>
channels:
  amazon-us:    { type: amazon, region: na, marketplace_ids: [ATVPDKIKX0DER], seller_id: A1EXAMPLE, shipstation_store_id: 101, ratio: "1.0",
                  credentials: { client_id: \${AMZ_ID}, client_secret: \${AMZ_SECRET}, refresh_token: \${AMZ_REFRESH} } }
  ebay-main:    { type: ebay, site: EBAY_US, shipstation_store_id: 102, ratio: "0.98", orders_api: trading,
                  credentials: { app_id: \${EBAY_APP}, cert_id: \${EBAY_CERT}, refresh_token: \${EBAY_REFRESH} } }
  mirakl-macys: { type: mirakl, base_url: https://macys-prod.mirakl.net, shop_id: 2001, shipstation_store_id: 103, ratio: 2.0, auto_accept: false,
                  credentials: { api_key: \${MACYS_KEY} } }
  rithum-acme:  { type: rithum, product: dsco, auth: oauth2, shipstation_store_id: 104, ratio: "0.5",
                  credentials: { client_id: \${DSCO_ID}, client_secret: \${DSCO_SECRET} } }
shipstation:  { api_key: \${SS_KEY}, api_secret: \${SS_SECRET}, endpoint: http://127.0.0.1:4601 }
zoho:         { data_center: com, organization_id: "10234695", available_field: available_stock,
                credentials: { client_id: \${ZOHO_ID}, client_secret: \${ZOHO_SECRET}, refresh_token: \${ZOHO_REFRESH} } }
inventory:    { safety_stock: 1, max_oversell_pct: 150, min_publish_qty: 0, rounding: floor, low_stock_threshold: 1, rebalance_interval: 240m }
`

/** The least that is a configuration; `rest` is appended, `channel` goes into its one channel. */
export function aSmallFile(
  parts: { readonly channel?: string; readonly rest?: string; readonly shipstation?: string } = {},
): string {
  return `encryption_keys: \${ISYNC_KEYS}
channels:
  macys:
    type: mirakl
    base_url: https://macys.mirakl.net
    shipstation_store_id: 103
    credentials: { api_key: \${MACYS_KEY} }
${parts.channel ?? ''}
shipstation: { api_key: \${SS_KEY}, api_secret: \${SS_SECRET}${parts.shipstation ?? ''} }
${parts.rest ?? ''}
`
}

export function load(
  text: string | Uint8Array,
  given: Readonly<Record<string, string>> = env,
  folder = aFolder(),
): Config<ChannelVendor> {
  aFile(folder, 'isync.config.yaml', text)
  return loadConfig({ cwd: folder, env: given }, channelTypes)
}

/** Lines `line:column path: message` of a file that must be refused. */
export function problemsOf(
  text: string | Uint8Array,
  given: Readonly<Record<string, string>> = env,
  folder = aFolder(),
): readonly string[] {
  return refusalOf(() => load(text, given, folder)).issues.map(
    (issue) => `${issue.line}:${issue.column} ${issue.path === '' ? '' : `${issue.path}: `}${issue.message}`,
  )
}

export function refusalOf(action: () => unknown): ConfigError {
  try {
    action()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}
