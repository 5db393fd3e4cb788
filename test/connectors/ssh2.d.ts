// The part of the package's server that the tests use; it brings no types of its own.
declare module 'ssh2' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'node:stream'

  export interface Attributes {
    readonly mode: number
    readonly uid: number
    readonly gid: number
    readonly size: number
    readonly atime: number
    readonly mtime: number
  }

  export interface SftpStream {
    on(event: string, listener: (id: number, ...rest: never[]) => void): this
    status(id: number, code: number): void
    handle(id: number, handle: Buffer): void
    data(id: number, data: Buffer): void
    name(id: number, names: readonly { filename: string; longname: string; attrs: object }[]): void
    attrs(id: number, attrs: Attributes): void
  }

  export interface Authentication {
    readonly method: string
    readonly username: string
    readonly password?: string
    readonly key?: { readonly algo: string; readonly data: Buffer }
    accept(): void
    prompt(questions: readonly { prompt: string; echo: boolean }[], answered: (answers: readonly string[]) => void): void
    reject(methods?: readonly string[]): void
  }

  interface Connection extends EventEmitter {
    end(): void
  }

  class Server {
    constructor(options: { readonly hostKeys: readonly string[] }, connected: (client: Connection) => void)
    injectSocket(socket: Duplex): void
  }

  const utils: {
    generateKeyPairSync(kind: 'ed25519'): { readonly private: string; readonly public: string }
    parseKey(text: string): { getPublicSSH(): Buffer }
    readonly sftp: {
      readonly OPEN_MODE: Readonly<Record<'READ' | 'WRITE' | 'CREAT' | 'TRUNC', number>>
      readonly STATUS_CODE: Readonly<
        Record<'OK' | 'EOF' | 'NO_SUCH_FILE' | 'PERMISSION_DENIED' | 'FAILURE' | 'OP_UNSUPPORTED', number>
      >
    }
  }

  const ssh2: { readonly Server: typeof Server; readonly utils: typeof utils }
  // biome-ignore lint/style/noDefaultExport: the package is CommonJS
  export default ssh2
}
