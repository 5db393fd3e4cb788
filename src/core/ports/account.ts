/** A vendor account's rate limit for one operation. */
export interface RateRule {
  /** Sustained calls per second. */
  readonly perSecond: number
  /** Calls that may be made at once from a full bucket. */
  readonly burst: number
}

export interface CachedToken {
  readonly token: string
  /** Epoch ms at which it must no longer be used. */
  readonly expiresAt: number
}

/** What all processes of all hosts share about one vendor account (DESIGN 5). */
export interface SharedAccount {
  /** Takes one call from the bucket. Returns 0 when it may be made now, else the milliseconds to wait (nothing was taken). */
  take(operation: string, rule: RateRule): Promise<number>
  /** The vendor told its real rate: later takes use it instead of the rule. */
  adopt(operation: string, rule: RateRule): Promise<void>
  /** The vendor said how many calls are left in its window, or that there are none: nobody calls before `until`. */
  drain(operation: string, until: number): Promise<void>
  /**
   * The account's token from the shared cache; `mint` runs in at most one process of all hosts at a time, and only when
   * there is no token, it is about to expire, or it is the `rejected` one.
   */
  token(mint: () => Promise<CachedToken>, rejected?: string): Promise<string>
  /** Throws AuthError while the account's circuit is open. */
  assertClosed(operation: string): Promise<void>
  /** Credentials were refused: no process calls this account until the circuit half-opens or the credentials change. */
  open(reason: string): Promise<void>
  /** A call was accepted: the circuit closes. */
  close(): Promise<void>
  /** What {@link remember} kept under this name, unless its time is over. */
  recall(name: string): Promise<string | undefined>
  /** Keeps a rarely changing answer of the vendor for all processes until `until` (epoch ms). Never personal data. */
  remember(name: string, value: string, until: number): Promise<void>
  /**
   * What the vendor counts together for several accounts, as eBay does for all sellers of a keyset. `name` is the same for all of them and
   * for nobody else; it is stored as a digest.
   */
  common(name: string): CommonAccount
}

export type CommonAccount = Pick<SharedAccount, 'take' | 'recall' | 'remember'>
