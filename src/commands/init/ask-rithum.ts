import { channelKey } from '../shell/configuration.ts'
import { type ChannelAdvisorAnswers, type ChannelAnswers, type DscoAnswers, directSites } from './answers.ts'
import type { Ask } from './ask.ts'
import { askCode, askStore, by } from './ask-common.ts'

type Family = keyof typeof directSites

/** Rithum is several products with a login each, so that is the first question. Undefined: a product that isync cannot talk to. */
export async function askRithum(
  ask: Ask,
  known: readonly ChannelAnswers[],
): Promise<DscoAnswers | ChannelAdvisorAnswers | undefined> {
  for (;;) {
    const product = await ask.one('Rithum is one name for several products. Where do you log in?', [
      { name: 'dsco.io (supplier of retailers; trading partners, an account id)', value: 'dsco' },
      { name: 'channeladvisor.com (one account for many marketplaces; a profile id)', value: 'channeladvisor' },
      { name: 'commercehub.com (OrderStream)', value: 'orderstream' },
    ] as const)
    if (product === 'dsco') return askDsco(ask, known)
    if (product === 'channeladvisor') return askChannelAdvisor(ask, known)
    const question =
      'OrderStream is not supported: it exchanges files, and isync has no connector for it. Leave this account out?'
    if (await ask.yes(question, true)) return undefined
  }
}

async function askDsco(ask: Ask, known: readonly ChannelAnswers[]): Promise<DscoAnswers> {
  const auth = await ask.one('What do you hold of its API?', [
    { name: 'a client id and a client secret (OAuth 2.0)', value: 'oauth2' },
    { name: 'a fixed token, of an older account', value: 'static' },
  ] as const)
  const warehouse = await ask.text('Code of your warehouse that takes the quantities (empty when you have only one)?', {
    check: (answer) => answer === '' || by(channelKey('rithum', 'warehouse_code'))(answer),
  })
  return {
    type: 'rithum',
    product: 'dsco',
    auth,
    ...(warehouse === '' ? {} : { warehouseCode: warehouse }),
    code: await askCode(ask, known, 'rithum-dsco'),
    storeId: await askStore(ask),
  }
}

/** Orders of a marketplace that is live twice would come twice: the configuration wants to know which of the two ways counts. */
async function askChannelAdvisor(ask: Ask, known: readonly ChannelAnswers[]): Promise<ChannelAdvisorAnswers> {
  const families = (['amazon', 'ebay'] as const).filter((family) => known.some(({ type }) => type === family))
  const doublePath = families.length === 0 ? { excludeSites: [] } : await askDoublePath(ask, families)
  return {
    type: 'rithum',
    product: 'channeladvisor',
    ...doublePath,
    code: await askCode(ask, known, 'rithum-ca'),
    storeId: await askStore(ask),
  }
}

async function askDoublePath(
  ask: Ask,
  families: readonly Family[],
): Promise<Pick<ChannelAdvisorAnswers, 'excludeSites' | 'watchDoublePath'>> {
  const names = families.map((family) => ({ amazon: 'Amazon', ebay: 'eBay' })[family])
  const question = `Does this account carry the ${names.join(' or ')} shop that isync reads directly?`
  if (!(await ask.yes(question, true))) return { excludeSites: [], watchDoublePath: true }
  const sites = await ask.text('Names of those sites, as the account shows them (separated by commas)?', {
    default: families.map((family) => directSites[family]).join(', '),
    check(answer) {
      const listed = listOf(answer)
      const absent = families.filter((family) => !listed.some((site) => site.toLowerCase().startsWith(family)))
      if (absent.length > 0) return `name the ${absent.join(' and ')} site too, such as ${absent.map((one) => directSites[one])}`
      return by(channelKey('rithum', 'exclude_sites'))(listed)
    },
  })
  return { excludeSites: listOf(sites) }
}

function listOf(answer: string): readonly string[] {
  return answer
    .split(',')
    .map((site) => site.trim())
    .filter((site) => site !== '')
}
