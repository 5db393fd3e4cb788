import { type ConnectorError, isConnectorError } from '../../../core/errors.ts'
import type { Health, HealthCheck } from '../../../core/ports/marketplace.ts'
import { listOfCenters, readCenters } from './centers.ts'
import { type ChannelAdvisorClient, type Page, pathOf, type Request } from './client.ts'
import { isExcluded, isMeant, type Site } from './settings.ts'
import { wireOrderHead } from './wire.ts'

const MOST_SKEW_MS = 2 * 60_000
const RECENT_MS = 7 * 24 * 3600_000
/** Places that isync reaches without ChannelAdvisor too; Mirakl's operators have names of their own. */
const DIRECT = /amazon|ebay|mirakl/i

/** The newest orders and the distribution centers: two cheap reads. Never throws ConnectorError. */
export async function checkHealth(client: ChannelAdvisorClient, signal: AbortSignal): Promise<Health> {
  const checks: HealthCheck[] = []
  const orders = await attempt('orders', async () => {
    const page = await readRecent(client, signal)
    const said = `readable; ${page.raws.length} in the newest page of the last 7 days`
    checks.push(clockCheck(client, page), siteCheck(client, page))
    return { check: 'orders', ok: true, detail: said }
  })
  const isKnown = orders.ok || orders.check === 'orders'
  if (isKnown) {
    checks.unshift({ check: 'authenticated', ok: true, detail: 'application and refresh token are accepted' }, orders)
    checks.push(await attempt('distribution center', () => checkCenters(client, signal)))
    checks.push({
      check: 'stock',
      ok: true,
      detail: `by product and distribution center; a quantity means ${meaning[client.settings.updateType]} (update_type: ${client.settings.updateType})`,
    })
    checks.push({
      check: 'limits',
      ok: true,
      detail:
        '2,000 calls a minute for the account, 5 at once for the application; isync takes at most 900, and 10 batches of 100',
    })
  } else checks.unshift(orders)
  return { ok: checks.every(({ ok }) => ok), checks }
}

const meaning = {
  UnShipped: 'what is on hand, and the account takes its own open orders off',
  Available: 'what may still be sold, open orders are off already',
} as const

async function readRecent(client: ChannelAdvisorClient, signal: AbortSignal): Promise<Page> {
  const since = new Date(client.gate.clock.now() - RECENT_MS).toISOString()
  const path = pathOf('/v1/Orders', [
    ['$filter', `ImportDateUtc ge ${since}`],
    ['$orderby', 'ImportDateUtc desc'],
    ['$select', 'ID,SiteID,SiteName,ImportDateUtc'],
  ])
  const request: Request = { operation: 'GET Orders', method: 'GET', path }
  return client.readPage(request, signal)
}

function clockCheck(client: ChannelAdvisorClient, { answeredAt }: Page): HealthCheck {
  const check = 'clock'
  if (answeredAt === undefined) return { check, ok: true, detail: 'ChannelAdvisor does not tell its time' }
  const skewMs = client.gate.clock.now() - answeredAt
  const detail = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} ChannelAdvisor`
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return { check, ok: true, detail }
  return { check, ok: false, detail, fix: 'set this machine by a time server' }
}

/** Not a fault by itself: nobody but the seller knows whether a site is reached in another way as well. */
function siteCheck(client: ChannelAdvisorClient, { raws }: Page): HealthCheck {
  const seen = new Map<string, boolean>()
  const sites: Site[] = []
  for (const raw of raws) {
    const head = wireOrderHead.safeParse(raw).data
    if (head === undefined) continue
    const site = { id: head.SiteID ?? undefined, name: head.SiteName }
    sites.push(site)
    seen.set(`${site.name ?? 'unnamed site'} (${site.id ?? 'no id'})`, isExcluded(client.settings, site))
  }
  const check = 'sites'
  if (seen.size === 0) return { check, ok: true, detail: 'no orders in the last 7 days' }
  const names = [...seen].map(([name, excluded]) => `${name}${excluded ? ', left out' : ''}`)
  const doubtful = [...seen].filter(([name, excluded]) => !excluded && DIRECT.test(name)).map(([name]) => name)
  const warning =
    doubtful.length === 0
      ? ''
      : `. Watch out: if another channel of isync sells on ${doubtful.join(' or ')}, those orders arrive twice; then name the site in exclude_sites`
  const idle = client.settings.excludeSites.filter((entry) => !sites.some((site) => isMeant(entry, site)))
  const hint = idle.length === 0 ? '' : `. Of exclude_sites none of these orders is meant by: ${idle.join(', ')}`
  return { check, ok: true, detail: `${names.join('; ')}${warning}${hint}` }
}

async function checkCenters(client: ChannelAdvisorClient, signal: AbortSignal): Promise<HealthCheck> {
  const check = 'distribution center'
  const centers = await readCenters(client, signal)
  const wanted = client.settings.distributionCenterId
  const own = centers.find(({ id, isDeleted }) => id === wanted && !isDeleted)
  const list = listOfCenters(centers)
  if (own !== undefined && !own.isExternal)
    return { check, ok: true, detail: `quantities go to ${wanted} ${own.name}, out of: ${list}` }
  const lack = own === undefined ? 'is not there' : "is not the seller's to write"
  const fix = `set distribution_center_id of ${client.settings.channel} to one of: ${list}`
  return { check, ok: false, detail: `${wanted} ${lack}`, fix }
}

const failedCheck = { auth: 'authenticated', throttled: 'limits', permanent: 'orders', retryable: 'reachable' } as const

const fixes: Readonly<Record<ConnectorError['kind'], string>> = {
  auth: 'follow the message: check application_id, shared_secret and refresh_token, then run this check again',
  throttled: 'wait a minute; see which other programs use this account',
  permanent: 'check product and endpoint, and whether the application may read orders and inventory',
  retryable: 'check network and endpoint, then run this check again',
}

async function attempt(check: string, work: () => Promise<HealthCheck>): Promise<HealthCheck> {
  try {
    return await work()
  } catch (error) {
    if (!isConnectorError(error)) throw error
    const name = check === 'orders' ? failedCheck[error.kind] : check
    return { check: name, ok: false, detail: error.message, fix: fixes[error.kind] }
  }
}
