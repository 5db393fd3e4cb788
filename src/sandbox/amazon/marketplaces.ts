export interface Marketplace {
  readonly id: string
  readonly country: string
  readonly currency: string
  readonly language: string
  readonly site: string
}

const TABLE: readonly (readonly [string, string, string, string, string])[] = [
  ['ATVPDKIKX0DER', 'US', 'USD', 'en_US', 'Amazon.com'],
  ['A2EUQ1WTGCTBG2', 'CA', 'CAD', 'en_CA', 'Amazon.ca'],
  ['A1AM78C64UM0Y8', 'MX', 'MXN', 'es_MX', 'Amazon.com.mx'],
  ['A2Q3Y263D00KWC', 'BR', 'BRL', 'pt_BR', 'Amazon.com.br'],
  ['A1F83G8C2ARO7P', 'GB', 'GBP', 'en_GB', 'Amazon.co.uk'],
  ['A1PA6795UKMFR9', 'DE', 'EUR', 'de_DE', 'Amazon.de'],
  ['A13V1IB3VIYZZH', 'FR', 'EUR', 'fr_FR', 'Amazon.fr'],
  ['A1RKKUPIHCS9HS', 'ES', 'EUR', 'es_ES', 'Amazon.es'],
  ['A33AVAJ2PDY3EV', 'TR', 'TRY', 'tr_TR', 'Amazon.com.tr'],
  ['A1VC38T7YXB528', 'JP', 'JPY', 'ja_JP', 'Amazon.co.jp'],
  ['A39IBJ37TRP1C6', 'AU', 'AUD', 'en_AU', 'Amazon.com.au'],
  ['A19VAU5U5O7RUS', 'SG', 'SGD', 'en_SG', 'Amazon.sg'],
]

const BY_ID = new Map(
  TABLE.map(([id, country, currency, language, site]): [string, Marketplace] => [id, { id, country, currency, language, site }]),
)

/** Marketplace ids (contract section 1). */
export function marketplaceOf(id: string): Marketplace | undefined {
  return BY_ID.get(id)
}

/** Two years of history, everywhere but in JP, AU and SG (contract section 2). */
export function historyStart(marketplaceId: string, now: number): number {
  const country = BY_ID.get(marketplaceId)?.country ?? ''
  if (['JP', 'AU', 'SG'].includes(country)) return Date.UTC(2016, 0, 1)
  const start = new Date(now)
  start.setUTCFullYear(start.getUTCFullYear() - 2)
  return start.getTime()
}
