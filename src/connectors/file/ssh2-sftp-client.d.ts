// The part of the package that is used here; it brings no types of its own.
declare module 'ssh2-sftp-client' {
  interface ConnectOptions {
    readonly sock: import('node:net').Socket
    readonly username: string
    readonly password?: string
    /** Also where the server asks for it by questions; who answers them listens to the client. */
    readonly tryKeyboard?: boolean
    readonly privateKey?: Buffer
    readonly passphrase?: string
    readonly readyTimeout: number
    readonly keepaliveInterval: number
    /** Of the key as the server shows it; the answer decides. */
    readonly hostVerifier: (key: Buffer) => boolean
  }

  interface FileInfo {
    readonly name: string
    /** As `ls -l` would show it. */
    readonly longname: string
    readonly size: number
    readonly modifyTime: number
  }

  interface Client {
    destroy(): void
    on(
      event: 'keyboard-interactive',
      listener: (
        name: string,
        instructions: string,
        language: string,
        prompts: readonly { readonly prompt: string; readonly echo?: boolean }[],
        answer: (answers: readonly string[]) => void,
      ) => void,
    ): void
  }

  interface Callbacks {
    readonly error: (error: Error) => void
    readonly end: () => void
    readonly close: () => void
  }

  class SftpClient {
    constructor(name: string, callbacks: Callbacks)
    /** The connection below. */
    readonly client: Client
    connect(options: ConnectOptions): Promise<unknown>
    list(path: string): Promise<readonly FileInfo[]>
    get(path: string): Promise<Buffer | readonly never[]>
    put(bytes: Buffer, path: string): Promise<unknown>
    rename(from: string, to: string): Promise<unknown>
    posixRename(from: string, to: string): Promise<unknown>
    delete(path: string): Promise<unknown>
    mkdir(path: string, recursive: boolean): Promise<unknown>
  }
  export = SftpClient
}
