/** Limits beside the stock rules that operators may change at run time, by the name that the configuration file has for them. */
export const limitNames = [
  'reconcile.window',
  'reconcile.min_age',
  'reconcile.auto_remedy',
  'reconcile.max_repairs',
  'reconcile.warning_count',
  'reconcile.warning_pct',
  'reconcile.critical_count',
  'reconcile.critical_pct',
  'reconcile.unconfirmed_after',
  'reconcile.stuck_after',
  'reconcile.waiting_after',
  'alerts.renotify',
  'alerts.resolve_after',
  'alerts.down_after',
  'alerts.orders.warning',
  'alerts.orders.critical',
  'alerts.confirmations.warning',
  'alerts.confirmations.critical',
  'alerts.publications.warning',
  'alerts.publications.critical',
] as const

export type LimitName = (typeof limitNames)[number]
