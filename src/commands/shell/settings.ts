import type { WatchRules } from '../../core/alerts/silence.ts'
import type { CommonChannel } from '../../core/config/channel-keys.ts'
import type { ShipStationConfig, ZohoConfig } from '../../core/config/schema.ts'
import type { ChannelSettings, CoreSettings, InventorySettings, ReconcileSettings } from '../../core/context.ts'
import type { RuleValues } from '../../core/model/allocation.ts'
import { parseRatio } from '../../core/model/decimal.ts'
import { alertSettings, notifyPlan } from './alert-settings.ts'
import type { Configuration } from './configuration.ts'
import { needsMet, scheduledIntervals } from './crontab.ts'
import { webhookSetup } from './hook-address.ts'

const PERSONAL_DAYS = 90
/** It says so once a minute; with the usual three intervals nobody is told of a restart. */
const SERVE_SEEN_EVERY_MS = 5 * 60_000
/** Marketplaces whose terms are stricter: Amazon wants buyers' data gone 30 days after delivery. */
const personalDaysByType: Readonly<Record<string, number>> = { amazon: 30 }

/** The use cases' settings. */
export function coreSettings(config: Configuration): CoreSettings {
  const { retry } = config
  const plan = (retries: number) => ({
    retries,
    firstDelayMs: retry.first_delay,
    factor: retry.factor,
    maxDelayMs: retry.max_delay,
    jitter: retry.jitter,
  })
  const channels = Object.entries(config.channels).map(([code, channel]): [string, ChannelSettings] => [
    code,
    {
      code,
      storeId: channel.shipstation_store_id,
      overlapMs: channel.overlap,
      firstPullMs: channel.first_pull_days * 86_400_000,
      personalDays: channel.personal_days ?? personalDaysByType[channel.type] ?? PERSONAL_DAYS,
      carriers: Object.keys(channel.carriers),
      acknowledges: config.vendors[code]?.acknowledges ?? 'never',
    },
  ])
  return {
    retry: {
      push: plan(retry.push),
      confirm: plan(retry.confirmation),
      acknowledge: plan(retry.push),
      publish: plan(retry.inventory),
      notify: notifyPlan(config),
    },
    inventory: inventorySettings(config),
    leaseMs: config.lease,
    retention: {
      payloadDays: config.retention.payload_days,
      journalDays: config.retention.journal_days,
      inboxDays: config.retention.inbox_days,
      unshippedDays: config.retention.unshipped_days,
      unknownChannelDays: Math.min(...Object.values(personalDaysByType)),
    },
    onCancel: config.shipstation.on_cancel,
    carriers: config.shipstation.carriers,
    channels: new Map(channels),
    reconcile: reconcileSettings(config),
    alerts: alertSettings(config),
    watch: watchRules(config),
  }
}

function reconcileSettings({ reconcile }: Configuration): ReconcileSettings {
  return {
    windowMs: reconcile.window,
    autoRemedy: reconcile.auto_remedy,
    minAgeMs: reconcile.min_age,
    limits: {
      warningCount: reconcile.warning_count,
      warningPct: reconcile.warning_pct,
      criticalCount: reconcile.critical_count,
      criticalPct: reconcile.critical_pct,
    },
    maxRepairs: reconcile.max_repairs,
    unconfirmedAfterMs: reconcile.unconfirmed_after,
    stuckAfterMs: reconcile.stuck_after,
    waitingAfterMs: reconcile.waiting_after,
  }
}

/** The schedule of crontab.example, without what has nothing to do in this configuration, with what the file says instead. */
function watchRules(config: Configuration): WatchRules {
  const { watch } = config
  // Who is sent webhooks wants to know when nobody takes them.
  const serves = webhookSetup(config) !== undefined
  const server: readonly [string, number][] = serves ? [['serve', SERVE_SEEN_EVERY_MS]] : []
  const intervals = new Map([...scheduledIntervals(needsMet(config)), ...server, ...Object.entries(watch.commands)])
  return {
    intervals: new Map([...intervals].filter(([, everyMs]) => everyMs > 0)),
    warningAfter: watch.warning_intervals,
    criticalAfter: watch.critical_intervals,
  }
}

function inventorySettings({ inventory, shadow, channels, zoho }: Configuration): InventorySettings {
  const { brakes } = inventory
  const own = Object.entries(channels).filter(([, { enabled }]) => enabled)
  return {
    source: zoho === undefined ? 'Zoho' : `Zoho ${zoho.available_field}`,
    defaults: {
      ratio: parseRatio('1'),
      safetyStock: inventory.safety_stock,
      maxOversellPct: inventory.max_oversell_pct,
      maxOversellAbs: inventory.max_oversell_abs,
      minPublishQty: inventory.min_publish_qty,
      rounding: inventory.rounding,
    },
    channels: new Map(own.map(([code, channel]) => [code, ruleValues(channel)])),
    capScope: inventory.cap_scope,
    mainChannel: inventory.main_channel,
    smallStockThreshold: inventory.small_stock_threshold,
    lowStockThreshold: inventory.low_stock_threshold,
    rebalanceIntervalMs: inventory.rebalance_interval,
    inactiveItems: inventory.inactive_items,
    raiseGuard: inventory.raise_guard,
    reservePending: shadow.reserve_pending,
    carry: shadow.carry,
    reportWaitMs: inventory.report_wait,
    listingCheckMs: inventory.listing_check,
    staleAfterMs: inventory.stale_after,
    brakes: {
      zeroPct: brakes.zero_pct,
      zeroMin: brakes.zero_min,
      dropPct: brakes.drop_pct,
      dropMin: brakes.drop_min,
      missingPct: brakes.missing_pct,
      missingMin: brakes.missing_min,
    },
  }
}

function ruleValues(channel: CommonChannel): Partial<RuleValues> {
  return {
    ...(channel.ratio === undefined ? {} : { ratio: parseRatio(channel.ratio) }),
    ...(channel.safety_stock === undefined ? {} : { safetyStock: channel.safety_stock }),
    ...(channel.max_oversell_pct === undefined ? {} : { maxOversellPct: channel.max_oversell_pct }),
    ...(channel.max_oversell_abs === undefined ? {} : { maxOversellAbs: channel.max_oversell_abs }),
    ...(channel.min_publish_qty === undefined ? {} : { minPublishQty: channel.min_publish_qty }),
    ...(channel.rounding === undefined ? {} : { rounding: channel.rounding }),
  }
}

/** The Zoho connector's settings. */
export function zohoSettings(zoho: ZohoConfig) {
  const { client_id, client_secret, refresh_token } = zoho.credentials
  return {
    dataCenter: zoho.data_center,
    organizationId: zoho.organization_id,
    availableField: zoho.available_field,
    locationIds: zoho.location_ids,
    dailyCalls: zoho.daily_calls,
    dailyReservePct: zoho.daily_reserve_pct,
    ratePerMinute: zoho.rate_limit_per_minute,
    ...(zoho.endpoint === undefined ? {} : { endpoint: zoho.endpoint }),
    ...(zoho.auth_endpoint === undefined ? {} : { authEndpoint: zoho.auth_endpoint }),
    credentials: { clientId: client_id, clientSecret: client_secret, refreshToken: refresh_token },
    timeoutMs: zoho.timeout,
  }
}

/** The ShipStation connector's settings. */
export function shipStationSettings(shipstation: ShipStationConfig) {
  return {
    apiKey: shipstation.api_key,
    apiSecret: shipstation.api_secret,
    ...(shipstation.endpoint === undefined ? {} : { endpoint: shipstation.endpoint }),
    ratePerMinute: shipstation.rate_limit_per_minute,
    timeoutMs: shipstation.timeout,
    pushTimeoutMs: shipstation.push_timeout,
    tags: shipstation.tags,
  }
}
