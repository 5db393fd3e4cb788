/** How the platform works on order exports; times are virtual. The vendor publishes neither how long they take nor how long files are kept. */
export interface ExportRules {
  /** Off: 404, as on a platform that does not have the calls. */
  readonly offered: boolean
  /** PENDING this long, and so much more per thousand orders. */
  readonly base_ms: number
  readonly per_thousand_ms: number
  /** Whose address the files have: the marketplace's, or a storage that knows no keys and refuses a request that brings one. */
  readonly files_at: 'own' | 'storage'
  /** After that nobody knows of it any more. */
  readonly keep_ms: number
}

/** What a test does to the next export. `stick`: stays PENDING; `short`: the files leave out every tenth order; `lose`: forgotten once it is done. */
export type ExportFate = 'stick' | 'fail' | 'cancel' | 'lose' | 'short'

export interface OrderExport {
  readonly id: string
  readonly shopId: number
  readonly created: number
  readonly due: number
  readonly wanted: URLSearchParams
  readonly itemsPerFile: number
  readonly bytesPerFile: number
  readonly host: string
  readonly fate: ExportFate | undefined
  status: 'PENDING' | 'COMPLETED' | 'FAILED' | 'CANCELED'
  updated: number
  /** JSON, as OR15 gives it. */
  files: readonly string[]
  /** How often each file was asked for. */
  readonly downloads: number[]
}
