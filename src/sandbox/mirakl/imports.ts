/** How the platform works on stock files; times are virtual. */
export interface ImportRules {
  /** WAITING this long, then RUNNING that long. */
  readonly waiting_ms: number
  readonly running_ms: number
  /**
   * The vendor names no columns of the error report. `named`: as OF03 has them; `words`: under other names; `bare`: no names, only the line
   * number and the reason.
   */
  readonly columns: 'named' | 'words' | 'bare'
  /** Whether the header is line 1. */
  readonly header_counts: boolean
  /** lines_in_error and lines_in_success are optional: false leaves them out. */
  readonly counts: boolean
}

/** What a test does to an import. `stick`: goes no further; `fail`: ends as FAILED; `lose`: nobody knows of it any more. */
export type Fate = { readonly kind: 'stick'; readonly status: 'WAITING' | 'RUNNING' } | { readonly kind: 'fail' | 'lose' }

/** One line that was not taken; `line` counts from the first row under the header as 1. */
export interface LineError {
  readonly line: number
  readonly reason: string
  readonly cells: readonly string[]
}

export interface StockImport {
  readonly id: string
  readonly shopId: number
  readonly created: number
  readonly file: Buffer
  /** Number of identical files that came in while this one was queued. */
  repeats: number
  fate: Fate | undefined
  /** It was stuck until then. */
  releasedAt: number
  status: 'WAITING' | 'RUNNING' | 'COMPLETE' | 'FAILED'
  ended: number | undefined
  lines: number
  errors: readonly LineError[]
}
