import { databasePassword, isDatabaseUrl } from '../../core/config/database-url.ts'
import { OperatorError } from '../../core/errors.ts'
import { channelKey } from '../shell/configuration.ts'
import type { AmazonAnswers, Answers, ChannelAnswers, EbayAnswers, MiraklAnswers, ZohoAnswers } from './answers.ts'
import type { Ask } from './ask.ts'
import { askCode, askStore, by } from './ask-common.ts'
import { askRithum } from './ask-rithum.ts'

/** The marketplaces of each region that a seller most likely means; others can be added to the file. */
const marketplaces = {
  na: { US: 'ATVPDKIKX0DER', CA: 'A2EUQ1WTGCTBG2', MX: 'A1AM78C64UM0Y8', BR: 'A2Q3Y263D00KWC' },
  eu: {
    UK: 'A1F83G8C2ARO7P',
    DE: 'A1PA6795UKMFR9',
    FR: 'A13V1IB3VIYZZH',
    IT: 'APJ6JRA9NG5V4',
    ES: 'A1RKKUPIHCS9HS',
    NL: 'A1805IZSGTT6HS',
    SE: 'A2NODRKZP88ZB9',
    PL: 'A1C3SOZRARQ6R3',
  },
  fe: { JP: 'A1VC38T7YXB528', AU: 'A39IBJ37TRP1C6', SG: 'A19VAU5U5O7RUS' },
} as const

const zohoDataCenters = ['com', 'eu', 'in', 'com.au', 'jp', 'ca', 'com.cn', 'sa'] as const

const ebaySites = {
  EBAY_US: 'United States',
  EBAY_MOTORS_US: 'eBay Motors',
  EBAY_CA: 'Canada',
  EBAY_GB: 'United Kingdom',
  EBAY_DE: 'Germany',
  EBAY_FR: 'France',
  EBAY_IT: 'Italy',
  EBAY_ES: 'Spain',
  EBAY_AT: 'Austria',
  EBAY_BE: 'Belgium',
  EBAY_CH: 'Switzerland',
  EBAY_IE: 'Ireland',
  EBAY_NL: 'Netherlands',
  EBAY_PL: 'Poland',
  EBAY_AU: 'Australia',
  EBAY_HK: 'Hong Kong',
  EBAY_SG: 'Singapore',
  EBAY_MY: 'Malaysia',
  EBAY_PH: 'Philippines',
} as const

const kinds = {
  amazon: { name: 'Amazon', another: 'Another Amazon account?', ask: askAmazon },
  ebay: { name: 'eBay', another: 'Another eBay account?', ask: askEbay },
  mirakl: { name: 'a Mirakl marketplace', another: 'Another Mirakl marketplace?', ask: askMirakl },
  // Asked last: which sites it leaves out depends on the others.
  rithum: { name: 'Rithum (Dsco, ChannelAdvisor)', another: 'Another Rithum account?', ask: askRithum },
} as const

type Kind = keyof typeof kinds

/** Asks for everything but the credentials: those go into `.env` by hand, never through a shell's history. */
export async function askAll(ask: Ask): Promise<Answers> {
  const order: readonly Kind[] = ['amazon', 'ebay', 'mirakl', 'rithum']
  const chosen = await ask.several<Kind>(
    'Which marketplaces do you sell on?',
    order.map((value) => ({ name: kinds[value].name, value, checked: value === 'amazon' })),
  )
  const channels: ChannelAnswers[] = []
  for (const kind of order.filter((one) => chosen.includes(one))) {
    do {
      const channel = await kinds[kind].ask(ask, channels)
      if (channel !== undefined) channels.push(channel)
    } while (await ask.yes(kinds[kind].another, false))
  }
  if (channels.length === 0) throw nothingToSellOn()
  const zoho = await askZoho(ask)
  return { channels, ...(zoho === undefined ? {} : { zoho }), ...(await askDatabase(ask)), areExamples: false }
}

function nothingToSellOn(): OperatorError {
  return new OperatorError({
    what: 'there is no channel to write a configuration for',
    where: 'isync init',
    why: 'every account was left out',
    next: 'isync init; nothing was written',
  })
}

async function askAmazon(ask: Ask, known: readonly ChannelAnswers[]): Promise<AmazonAnswers> {
  const region = await ask.one('Amazon region?', [
    { name: 'North America', value: 'na' },
    { name: 'Europe, Middle East, India', value: 'eu' },
    { name: 'Far East', value: 'fe' },
  ] as const)
  const marketplaceIds = await ask.several(
    'Amazon marketplaces?',
    Object.entries(marketplaces[region]).map(([country, value], i) => ({
      name: `${country} (${value})`,
      value,
      checked: i === 0,
    })),
  )
  const seller = { check: by(channelKey('amazon', 'seller_id')) }
  const sellerId = await ask.text('Seller id (Settings > Account Info > Your Merchant Token)?', seller)
  return {
    type: 'amazon',
    code: await askCode(ask, known, `amazon-${placeOf(region, marketplaceIds)}`),
    region,
    marketplaceIds,
    sellerId,
    storeId: await askStore(ask),
  }
}

/** `us` for one marketplace, `na` for several of a region. */
function placeOf(region: keyof typeof marketplaces, ids: readonly string[]): string {
  const country = Object.entries(marketplaces[region]).find(([, id]) => id === ids[0])?.[0]
  return ids.length === 1 && country !== undefined ? country.toLowerCase() : region
}

async function askEbay(ask: Ask, known: readonly ChannelAnswers[]): Promise<EbayAnswers> {
  const site = await ask.one(
    'eBay site where the account was opened?',
    Object.entries(ebaySites).map(([value, name]) => ({ name: `${name} (${value})`, value })),
  )
  return {
    type: 'ebay',
    code: await askCode(ask, known, site.toLowerCase().replaceAll('_', '-')),
    site,
    storeId: await askStore(ask),
  }
}

async function askMirakl(ask: Ask, known: readonly ChannelAnswers[]): Promise<MiraklAnswers> {
  const check = by(channelKey('mirakl', 'base_url'))
  const baseUrl = await ask.text("The operator's address, such as https://macys-prod.mirakl.net?", { check })
  const shop = await ask.text('Shop id (empty when your user has only one shop)?', {
    check: (answer) => answer === '' || by(channelKey('mirakl', 'shop_id'))(answer),
  })
  const autoAccept = await ask.yes('Accept every new order without asking?', false)
  const name = `mirakl-${new URL(baseUrl).hostname.split(/[.-]/)[0]}`
  return {
    type: 'mirakl',
    code: await askCode(ask, known, name),
    baseUrl,
    ...(shop === '' ? {} : { shopId: Number(shop) }),
    autoAccept,
    storeId: await askStore(ask),
  }
}

async function askZoho(ask: Ask): Promise<ZohoAnswers | undefined> {
  if (!(await ask.yes('Is your stock kept in Zoho Inventory, and shall isync tell it to these channels?', true))) return undefined
  const dataCenter = await ask.one(
    'Where was the Zoho organization opened (the end of its address in your browser)?',
    zohoDataCenters.map((value) => ({ name: value, value })),
  )
  const organizationId = await ask.text('Zoho organization id?', {
    check: (answer) => /^\d{1,20}$/.test(answer) || 'the digits of an organization id, as in the list of organizations in Zoho',
  })
  return { dataCenter, organizationId }
}

async function askDatabase(ask: Ask): Promise<Pick<Answers, 'database' | 'databasePassword'>> {
  const kind = await ask.one('Where should isync keep its data?', [
    { name: 'in a file here (SQLite; one host)', value: 'sqlite' },
    { name: 'in PostgreSQL (one or several hosts)', value: 'postgres' },
  ] as const)
  if (kind === 'sqlite') return { database: 'sqlite:./isync.db' }
  const database = await ask.text('Its address, with the user and without the password?', {
    default: 'postgres://isync@localhost:5432/isync',
    check(answer) {
      if (answer.startsWith('sqlite:') || !isDatabaseUrl(answer))
        return 'an address such as postgres://isync@localhost:5432/isync'
      if (databasePassword(answer) !== undefined) return 'without the password, please: it goes into .env'
      return new URL(answer).username !== '' || 'name the user, as in postgres://isync@localhost:5432/isync'
    },
  })
  const databasePasswordGiven = await ask.secret('Its password (empty: fill it in later in .env)?')
  return { database, ...(databasePasswordGiven === '' ? {} : { databasePassword: databasePasswordGiven }) }
}
