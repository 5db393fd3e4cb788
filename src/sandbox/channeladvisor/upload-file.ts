export const IMPORT_TYPES = ['AddUpdate', 'UpdateOnly', 'AddOnly'] as const
type ImportType = (typeof IMPORT_TYPES)[number]

/** A file that waits, or is worked off. */
export interface Upload {
  readonly token: string
  readonly app: string
  readonly profileId: number
  readonly importType: ImportType
  readonly startedAt: number
  readonly rows: readonly { readonly sku: string; readonly quantity: number }[]
  doneAt: number | undefined
  readonly errors: string[]
}
