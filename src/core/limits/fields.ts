import type { z } from 'zod'
import { configKeys } from '../config/schema.ts'
import type { AlertSettings, CoreSettings, FailureRate, RateLimits, ReconcileSettings } from '../context.ts'
import type { Read } from '../inventory/setting-keys.ts'
import { defaultOf, durationText, mapped, readText } from '../inventory/setting-text.ts'
import type { MissingLimits } from '../reconcile/thresholds.ts'
import type { LimitName } from './names.ts'

/** What holds the limits. */
export type Limits = Pick<CoreSettings, 'reconcile' | 'alerts'>

/** One limit, as text and as value. */
export interface LimitField {
  /** The value, as a change of what the file says. */
  read(text: string): Read<<L extends Limits>(file: L) => L>
  /** One text for every way of writing the same value. */
  plain(text: string): Read<string>
  /** As an operator would write it. */
  show(limits: Limits): string
  /** What holds when neither the file nor anybody says otherwise. */
  readonly byDefault: string | undefined
}

// The parsers of the file, so that ranges and complaints are the same in both places.
const { shape: reconcile } = configKeys.reconcile.unwrap()
const { shape: alerts } = configKeys.alerts.unwrap()

export const limitFields: Readonly<Record<LimitName, LimitField>> = {
  'reconcile.window': ofReconcile('windowMs', reconcile.window, durationText),
  'reconcile.min_age': ofReconcile('minAgeMs', reconcile.min_age, durationText),
  'reconcile.auto_remedy': ofReconcile('autoRemedy', reconcile.auto_remedy),
  'reconcile.max_repairs': ofReconcile('maxRepairs', reconcile.max_repairs),
  'reconcile.warning_count': ofMissing('warningCount', reconcile.warning_count),
  'reconcile.warning_pct': ofMissing('warningPct', reconcile.warning_pct),
  'reconcile.critical_count': ofMissing('criticalCount', reconcile.critical_count),
  'reconcile.critical_pct': ofMissing('criticalPct', reconcile.critical_pct),
  'reconcile.unconfirmed_after': ofReconcile('unconfirmedAfterMs', reconcile.unconfirmed_after, durationText),
  'reconcile.stuck_after': ofReconcile('stuckAfterMs', reconcile.stuck_after, durationText),
  'reconcile.waiting_after': ofReconcile('waitingAfterMs', reconcile.waiting_after, durationText),
  'alerts.renotify': ofAlerts('renotifyMs', alerts.renotify, durationText),
  'alerts.resolve_after': ofAlerts('resolveAfterMs', alerts.resolve_after, durationText),
  'alerts.down_after': ofAlerts('downAfter', alerts.down_after),
  'alerts.orders.warning': ofRate('orders', 'warning'),
  'alerts.orders.critical': ofRate('orders', 'critical'),
  'alerts.confirmations.warning': ofRate('confirmations', 'warning'),
  'alerts.confirmations.critical': ofRate('confirmations', 'critical'),
  'alerts.publications.warning': ofRate('publications', 'warning'),
  'alerts.publications.critical': ofRate('publications', 'critical'),
}

function ofReconcile<K extends Exclude<keyof ReconcileSettings, 'limits'>>(
  part: K,
  schema: z.ZodType<ReconcileSettings[K]>,
  textOf: (value: ReconcileSettings[K]) => string = String,
): LimitField {
  return limitField(
    schema,
    (value, file) => ({ ...file, reconcile: { ...file.reconcile, [part]: value } }),
    (limits) => limits.reconcile[part],
    textOf,
  )
}

function ofMissing(part: keyof MissingLimits, schema: z.ZodType<number>): LimitField {
  return limitField(
    schema,
    (value, file) => ({
      ...file,
      reconcile: { ...file.reconcile, limits: { ...file.reconcile.limits, [part]: value } },
    }),
    (limits) => limits.reconcile.limits[part],
    String,
  )
}

function ofAlerts<K extends 'renotifyMs' | 'resolveAfterMs' | 'downAfter'>(
  part: K,
  schema: z.ZodType<AlertSettings[K]>,
  textOf: (value: AlertSettings[K]) => string = String,
): LimitField {
  return limitField(
    schema,
    (value, file) => ({ ...file, alerts: { ...file.alerts, [part]: value } }),
    (limits) => limits.alerts[part],
    textOf,
  )
}

function ofRate(rate: FailureRate, part: keyof RateLimits): LimitField {
  return limitField(
    alerts[rate].unwrap().shape[part],
    (value, file) => {
      const { rates } = file.alerts
      return { ...file, alerts: { ...file.alerts, rates: { ...rates, [rate]: { ...rates[rate], [part]: value } } } }
    },
    (limits) => limits.alerts.rates[rate][part],
    String,
  )
}

function limitField<T>(
  schema: z.ZodType<T>,
  put: <L extends Limits>(value: T, file: L) => L,
  get: (limits: Limits) => T,
  textOf: (value: T) => string,
): LimitField {
  return {
    read: (text) => mapped(readText(schema, text), (value) => (file) => put(value, file)),
    plain: (text) => mapped(readText(schema, text), textOf),
    show: (limits) => textOf(get(limits)),
    byDefault: defaultOf(schema, textOf),
  }
}
