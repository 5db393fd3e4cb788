/** What lies in a folder. */
export interface Entry {
  readonly name: string
  readonly isFolder: boolean
  /** Bytes. */
  readonly size: number
  /** Epoch ms by the clock of the machine that holds the file; SFTP tells whole seconds. */
  readonly changedAt: number
}

/**
 * A place where files lie. Paths begin below the channel's folder. Each method throws {@link ShelfTrouble} for what the place itself said, and an
 * error with a `code` when the connection failed.
 */
export interface Shelf {
  open(): Promise<void>
  list(folder: string): Promise<readonly Entry[]>
  read(path: string): Promise<Buffer>
  /** Makes the file or replaces its content; a reader may see half of it. */
  write(path: string, bytes: Buffer): Promise<void>
  /** In one step, as far as the place can; what stands at `to` is replaced. */
  move(from: string, to: string): Promise<void>
  /** With those above it; one that is there already is fine. */
  makeFolder(path: string): Promise<void>
  /** Never throws. */
  close(): Promise<void>
}

/**
 * - `refused`: the login, or the server is not the one that was named
 * - `forbidden`: this account may not do that there, ever
 * - `absent`: there is no such file or folder
 * - `busy`: turned away before a word was said; `broken`: it did not work, perhaps later
 */
export type TroubleKind = 'refused' | 'forbidden' | 'absent' | 'busy' | 'broken'

export class ShelfTrouble extends Error {
  override readonly name = 'ShelfTrouble'
  readonly kind: TroubleKind

  constructor(kind: TroubleKind, words: string) {
    super(words)
    this.kind = kind
  }
}
