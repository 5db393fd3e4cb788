import { createHash } from 'node:crypto'
import { AuthError } from '../errors.ts'
import type { CachedToken, CommonAccount, RateRule, SharedAccount } from '../ports/account.ts'
import type { Clock, Ids } from '../ports/system.ts'
import type { Db } from './db.ts'

/** A token this close to its end is not handed out any more: the call that uses it may be slow. */
const TOKEN_MARGIN_MS = 60_000
/** Longest a refresh may take before another process may try. */
const REFRESH_LEASE_MS = 60_000
/** While the circuit is open one process may try again this often. */
const PROBE_EVERY_MS = 5 * 60_000

export interface AccountDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  /** Seals a token for the shared table. */
  readonly seal: (row: string, token: string) => string
  readonly open: (row: string, sealed: string) => string
}

/** Digest by which two processes see that they use the same credentials. It tells nothing of them. */
export function fingerprintOf(credentials: readonly string[]): string {
  return createHash('sha256').update(credentials.join('\n')).digest('hex').slice(0, 16)
}

/**
 * One vendor account as all processes of all hosts share it (DESIGN 5): GCRA buckets taken in one statement, a token minted once,
 * a circuit that keeps everybody from hammering a vendor that has refused us.
 */
export function sharedAccount(deps: AccountDeps, account: string, fingerprint: string): SharedAccount {
  let circuitSeen = false
  /** The probe this process has taken. A token refused during it may be replaced and the call repeated: all of that is one try. */
  let probe: number | undefined
  return {
    take: (bucket, rule) => take(deps, account, bucket, rule),
    adopt: (bucket, rule) => adopt(deps, account, bucket, rule),
    drain: (bucket, until) => drain(deps, account, bucket, until),
    token: (mint, rejected) => token(deps, account, fingerprint, mint, rejected),
    async assertClosed(operation) {
      const seen = await assertClosed(deps, account, fingerprint, operation, probe)
      circuitSeen = seen.open
      probe = seen.probe
    },
    async open(reason) {
      probe = undefined
      const now = deps.clock.now()
      await deps.db.run(
        `insert into circuits (account, fingerprint, opened_at, probe_at, reason) values (?, ?, ?, ?, ?)
         on conflict (account) do update set fingerprint = excluded.fingerprint, probe_at = excluded.probe_at, reason = excluded.reason,
           opened_at = case when circuits.fingerprint = excluded.fingerprint then circuits.opened_at else excluded.opened_at end`,
        [account, fingerprint, now, now + PROBE_EVERY_MS, reason],
      )
    },
    async close() {
      if (!circuitSeen) return
      circuitSeen = false
      await deps.db.run('delete from circuits where account = ?', [account])
    },
    ...notesOf(deps, account),
    common(name) {
      // No code of a channel has a blank in it.
      const shared = `common ${fingerprintOf([name])}`
      return { take: (bucket, rule) => take(deps, shared, bucket, rule), ...notesOf(deps, shared) }
    },
  }
}

function notesOf({ db, clock }: AccountDeps, account: string): Pick<CommonAccount, 'recall' | 'remember'> {
  return {
    async recall(name) {
      const [row] = await db.rows<{ value: string }>(
        'select value from account_notes where account = ? and name = ? and expires_at > ?',
        [account, name, clock.now()],
      )
      return row?.value
    },
    async remember(name, value, until) {
      await db.run('delete from account_notes where account = ? and expires_at <= ?', [account, clock.now()])
      await db.run(
        `insert into account_notes (account, name, value, expires_at) values (?, ?, ?, ?)
         on conflict (account, name) do update set value = excluded.value, expires_at = excluded.expires_at`,
        [account, name, value, until],
      )
    },
  }
}

async function take({ db, clock }: AccountDeps, account: string, bucket: string, rule: RateRule): Promise<number> {
  const now = clock.now()
  const interval = Math.ceil(1000 / rule.perSecond)
  const full = db.dialect.greatest('rate_buckets.full_at', 'excluded.full_at - ?')
  const each = `coalesce(rate_buckets.interval_ms, ?)`
  const taken = await db.rowsLightly<{ full_at: number }>(
    `insert into rate_buckets (account, bucket, full_at) values (?, ?, ?)
     on conflict (account, bucket) do update set full_at = ${full} + ${each}
     where rate_buckets.blocked_until <= ? and rate_buckets.full_at - ? <= (coalesce(rate_buckets.burst, ?) - 1) * ${each}
     returning full_at`,
    [account, bucket, now + interval, interval, interval, now, now, rule.burst, interval],
  )
  if (taken.length > 0) return 0
  const [row] = await db.rows<{ full_at: number; interval_ms: number | null; burst: number | null; blocked_until: number }>(
    'select full_at, interval_ms, burst, blocked_until from rate_buckets where account = ? and bucket = ?',
    [account, bucket],
  )
  if (row === undefined) return 0
  const step = row.interval_ms ?? interval
  const free = row.full_at - ((row.burst ?? rule.burst) - 1) * step
  return Math.max(1, free - now, row.blocked_until - now)
}

async function adopt({ db, clock }: AccountDeps, account: string, bucket: string, rule: RateRule): Promise<void> {
  const interval = Math.ceil(1000 / rule.perSecond)
  const now = clock.now()
  // What was spent at a slower rate must not be paid back at that rate: an empty bucket is full again after one burst.
  const emptyAt = now + rule.burst * interval
  await db.run(
    `insert into rate_buckets (account, bucket, full_at, interval_ms, burst) values (?, ?, ?, ?, ?)
     on conflict (account, bucket) do update set interval_ms = excluded.interval_ms, burst = excluded.burst,
       full_at = case when rate_buckets.full_at < ? then rate_buckets.full_at else ? end
     where rate_buckets.interval_ms is null or rate_buckets.interval_ms <> excluded.interval_ms or rate_buckets.burst is null or rate_buckets.burst <> excluded.burst`,
    [account, bucket, now, interval, rule.burst, emptyAt, emptyAt],
  )
}

async function drain({ db, clock }: AccountDeps, account: string, bucket: string, until: number): Promise<void> {
  await db.run(
    `insert into rate_buckets (account, bucket, full_at, blocked_until) values (?, ?, ?, ?)
     on conflict (account, bucket) do update set blocked_until = excluded.blocked_until where rate_buckets.blocked_until < excluded.blocked_until`,
    [account, bucket, clock.now(), until],
  )
}

interface TokenRow {
  readonly fingerprint: string
  readonly token: string | null
  readonly expires_at: number
}

async function token(
  deps: AccountDeps,
  account: string,
  fingerprint: string,
  mint: () => Promise<CachedToken>,
  rejected: string | undefined,
): Promise<string> {
  const owner = deps.ids.next()
  for (;;) {
    const cached = await cachedToken(deps, account, fingerprint)
    if (cached !== undefined && cached !== rejected) return cached
    const now = deps.clock.now()
    const mine = await deps.db.rows(
      `insert into access_tokens (account, fingerprint, lease_owner, lease_until) values (?, ?, ?, ?)
       on conflict (account) do update set lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
       where access_tokens.lease_until < ? returning account`,
      [account, fingerprint, owner, now + REFRESH_LEASE_MS, now],
    )
    if (mine.length > 0) return refresh(deps, account, fingerprint, owner, mint, rejected)
    await deps.clock.sleep(250)
  }
}

async function refresh(
  deps: AccountDeps,
  account: string,
  fingerprint: string,
  owner: string,
  mint: () => Promise<CachedToken>,
  rejected: string | undefined,
): Promise<string> {
  try {
    // Whoever held the lease before us may have just stored a new one.
    const cached = await cachedToken(deps, account, fingerprint)
    if (cached !== undefined && cached !== rejected) return cached
    const fresh = await mint()
    await deps.db.run(
      'update access_tokens set fingerprint = ?, token = ?, expires_at = ? where account = ? and lease_owner = ?',
      [fingerprint, deps.seal(account, fresh.token), fresh.expiresAt, account, owner],
    )
    return fresh.token
  } finally {
    await deps.db.run('update access_tokens set lease_owner = null, lease_until = 0 where account = ? and lease_owner = ?', [
      account,
      owner,
    ])
  }
}

async function cachedToken({ db, clock, open }: AccountDeps, account: string, fingerprint: string): Promise<string | undefined> {
  const [row] = await db.rows<TokenRow>('select fingerprint, token, expires_at from access_tokens where account = ?', [account])
  if (row === undefined || row.token === null || row.fingerprint !== fingerprint) return undefined
  if (row.expires_at - TOKEN_MARGIN_MS <= clock.now()) return undefined
  return open(account, row.token)
}

interface CircuitSeen {
  readonly open: boolean
  /** Half-open, and this process is the one that tries: until this instant. */
  readonly probe?: number
}

/** Passes when no circuit is open, when it is that of other credentials, or when this process is the one that may try. */
async function assertClosed(
  { db, clock }: AccountDeps,
  account: string,
  fingerprint: string,
  operation: string,
  probe: number | undefined,
): Promise<CircuitSeen> {
  const [row] = await db.rows<{ fingerprint: string; opened_at: number; probe_at: number; reason: string }>(
    'select fingerprint, opened_at, probe_at, reason from circuits where account = ?',
    [account],
  )
  if (row === undefined) return { open: false }
  if (row.fingerprint !== fingerprint) return { open: true }
  const now = clock.now()
  if (row.probe_at <= now) {
    const until = now + PROBE_EVERY_MS
    const probing = await db.run('update circuits set probe_at = ? where account = ? and probe_at = ?', [
      until,
      account,
      row.probe_at,
    ])
    if (probing === 1) return { open: true, probe: until }
  } else if (row.probe_at === probe) return { open: true, probe }
  const since = new Date(row.opened_at).toISOString()
  throw new AuthError(
    `not called: credentials were refused at ${since} (${row.reason}); next try ${new Date(Math.max(row.probe_at, now)).toISOString()}`,
    { account, operation },
  )
}

export interface CircuitRow {
  readonly account: string
  readonly opened_at: number
  readonly probe_at: number
  readonly reason: string
}

/** Accounts whose credentials are refused at present. */
export async function openCircuits(db: Db): Promise<CircuitRow[]> {
  return db.rows('select account, opened_at, probe_at, reason from circuits order by account')
}

/** Lets the next call through at once: an operator says the credentials are mended (`doctor`). */
export async function resetCircuit(db: Db, account: string): Promise<void> {
  await db.run('update circuits set probe_at = 0 where account = ?', [account])
}
