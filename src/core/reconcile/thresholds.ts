import type { Severity } from '../db/alerts.ts'

/** Limits of missing orders: beyond either the count or the share (percent of the open orders) an alert is raised. */
export interface MissingLimits {
  readonly warningCount: number
  readonly warningPct: number
  readonly criticalCount: number
  readonly criticalPct: number
}

/** How bad it is that so many of so many open orders are missing. At a limit is still within it. */
export function missingSeverity(missing: number, open: number, limits: MissingLimits): Severity | 'none' {
  function beyond(count: number, pct: number): boolean {
    // Compared as products: a share of open orders is no exact number.
    return missing > count || missing * 100 > pct * open
  }
  if (beyond(limits.criticalCount, limits.criticalPct)) return 'critical'
  return beyond(limits.warningCount, limits.warningPct) ? 'warning' : 'none'
}

/** Percent with one decimal, for reports: 3.4. 0 where there is nothing to be missing. */
export function missingPct(missing: number, open: number): number {
  return open === 0 ? 0 : Math.round((missing * 1000) / open) / 10
}
