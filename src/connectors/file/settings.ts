/** A folder of this machine, or one behind SFTP. Paths are of the folder that holds `in`, `out` and `archive`. */
export type Place = LocalPlace | SftpPlace

export interface LocalPlace {
  readonly kind: 'local'
  readonly path: string
}

export interface SftpPlace {
  readonly kind: 'sftp'
  readonly path: string
  readonly host: string
  readonly port: number
  readonly user: string
  /** `SHA256:` and 43 characters of base64, as `ssh-keygen -l` prints it. */
  readonly hostKey: string
  readonly password?: string
  /** The key file's own bytes in base64, on one line. */
  readonly privateKey?: string
  readonly passphrase?: string
}

export interface FileSettings {
  readonly channel: string
  readonly place: Place
  readonly folders: { readonly in: string; readonly out: string; readonly archive: string }
  /** One character. */
  readonly delimiter: string
  readonly decimal: '.' | ','
  readonly encoding: 'utf-8' | 'windows-1252'
  /** Currency of rows that name none, ISO 4217. */
  readonly currency: string
  /** Our name of a column -> the name that stands in the header. */
  readonly columns: Readonly<Record<string, string>>
  readonly stock: 'changed' | 'full'
  /** Whether ids are looked at for what a spreadsheet does to long numbers. */
  readonly spreadsheetGuard: boolean
  /** How long a file must not have changed before it is read. */
  readonly quietMs: number
  /** ShipStation carrier code -> what this partner calls the carrier. */
  readonly carriers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}
