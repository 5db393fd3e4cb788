import type { Quota } from '../../core/reports/daily-runs.ts'
import type { Configuration } from './configuration.ts'

const MINUTES_A_DAY = 1440

/** The limits that the configuration knows of, in calls a day. Channels whose vendor counts them together share one. */
export function knownQuotas({ zoho, shipstation, channels, vendors }: Configuration): readonly Quota[] {
  const shared = new Map<string, { readonly quota: Omit<Quota, 'accounts'>; readonly accounts: string[] }>()
  for (const [code, { dailyQuota }] of Object.entries(vendors)) {
    if (dailyQuota === undefined || channels[code]?.enabled !== true) continue
    const { what, calls, countedBy, counts } = dailyQuota
    const known = shared.get(countedBy)
    if (known === undefined)
      shared.set(countedBy, { quota: { what, allowed: calls, saidBy: `channels.${code}.daily_calls`, counts }, accounts: [code] })
    else known.accounts.push(code)
  }
  return [
    ...(zoho === undefined
      ? []
      : [{ what: 'calls a day', accounts: ['zoho'], allowed: zoho.daily_calls, saidBy: 'zoho.daily_calls' }]),
    {
      ...{ what: 'calls', accounts: ['shipstation'], saidBy: 'shipstation.rate_limit_per_minute' },
      allowed: shipstation.rate_limit_per_minute * MINUTES_A_DAY,
    },
    ...[...shared.values()].map(({ quota, accounts }) => ({ ...quota, accounts })),
  ]
}
