import type { SandboxReply } from '../stand-in.ts'
import type { Caller } from './access.ts'
import { marketplaceOf } from './marketplaces.ts'

/** GET /sellers/v1/marketplaceParticipations: where the seller takes part; the seller's id is not told (contract section 1). */
export function marketplaceParticipations(caller: Caller): SandboxReply {
  const payload = [...caller.account.marketplaces].map((id) => {
    const marketplace = marketplaceOf(id)
    const site = marketplace?.site ?? 'Amazon.com'
    return {
      marketplace: {
        id,
        name: site,
        countryCode: marketplace?.country ?? 'US',
        defaultCurrencyCode: marketplace?.currency ?? 'USD',
        defaultLanguageCode: marketplace?.language ?? 'en_US',
        domainName: `www.${site.toLowerCase()}`,
      },
      participation: { isParticipating: true, hasSuspendedListings: false },
      storeName: caller.account.storeName,
    }
  })
  return { status: 200, body: { payload } }
}
