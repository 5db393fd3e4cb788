/// <reference path="./ssh2.d.ts" />
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join, normalize } from 'node:path'
import ssh2, { type Attributes, type Authentication, type SftpStream } from 'ssh2'

const { Server, utils } = ssh2
const { OPEN_MODE, STATUS_CODE } = utils.sftp

/**
 * - at the door: `busy` hangs up before a word, `strange` speaks HTML after its name, `silent` says nothing, `refuse` lets nobody in
 * - at a request: `cut` hangs up before it is done, `cut-after` when it is; `hold` never does it, `hold-after` never answers; `fail` and `deny`
 *   say so, `fail-after` says so when it is done; `crumbs` gives seven bytes at a time
 */
export type Trouble =
  | 'busy'
  | 'strange'
  | 'silent'
  | 'refuse'
  | 'cut'
  | 'cut-after'
  | 'hold'
  | 'hold-after'
  | 'fail'
  | 'fail-after'
  | 'deny'
  | 'crumbs'

export interface Trap {
  readonly trouble: Trouble
  readonly times: number
  /** Only moves that give a draft its name. */
  readonly onNaming?: boolean
}

export interface SftpServer {
  readonly port: number
  /** As `ssh-keygen -l` prints it. */
  readonly hostKey: string
  /** Requests of the protocol since the last reset. */
  requests(): number
  /** Callers that were let in. */
  logins(): number
  /** Connections that are open now. */
  callers(): number
  set(trap: Trap | undefined): void
  reset(): void
  close(): Promise<void>
}

export interface SftpServerOptions {
  /** The folder of this machine that is the server's `/`. */
  readonly root: string
  readonly user: string
  readonly password?: string
  /** An OpenSSH public key. */
  readonly publicKey?: string
  /** Asks for the password in a question, and takes it in no other way. */
  readonly asks?: boolean
  /** Lists names where others show what `ls -l` would. */
  readonly listsNamesOnly?: boolean
}

/** A real SSH server with the SFTP of protocol version 3 over a folder, that fails on command. It knows no extensions, as plain servers do not. */
export async function startSftpServer(options: SftpServerOptions): Promise<SftpServer> {
  const key = utils.generateKeyPairSync('ed25519')
  const allowed = options.publicKey === undefined ? undefined : utils.parseKey(options.publicKey).getPublicSSH()
  const sockets = new Set<Socket>()
  let trap: { trouble: Trouble; left: number; onNaming: boolean } | undefined
  let requests = 0
  let logins = 0
  let last: Socket | undefined

  function sprung(troubles: readonly Trouble[], isNaming = false): Trouble | undefined {
    if (trap === undefined || trap.left <= 0 || !troubles.includes(trap.trouble)) return undefined
    if (trap.onNaming && !isNaming && !['busy', 'strange', 'silent', 'refuse'].includes(trap.trouble)) return undefined
    trap.left -= 1
    return trap.trouble
  }

  const server = new Server({ hostKeys: [key.private] }, (client) => {
    const socket = last
    client.on('error', () => undefined)
    client.on('authentication', (attempt: Authentication) => {
      if (options.asks === true) return ask(attempt)
      const isRight =
        attempt.username === options.user &&
        ((attempt.method === 'password' && options.password !== undefined && attempt.password === options.password) ||
          (attempt.method === 'publickey' && allowed !== undefined && attempt.key?.data.equals(allowed) === true))
      if (!isRight || trap?.trouble === 'refuse') return attempt.reject(['password', 'publickey'])
      attempt.accept()
    })
    client.on('ready', () => {
      logins += 1
      client.on('session', (accept: () => NodeJS.EventEmitter) => {
        accept().on('sftp', (begin: () => SftpStream) => serve(begin(), socket))
      })
    })
  })

  function ask(attempt: Authentication): void {
    if (attempt.method !== 'keyboard-interactive') {
      attempt.reject(['keyboard-interactive'])
      return
    }
    attempt.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
      if (attempt.username === options.user && answers[0] === options.password) attempt.accept()
      else attempt.reject(['keyboard-interactive'])
    })
  }

  function serve(sftp: SftpStream, socket: Socket | undefined): void {
    const handles = new Map<number, { fd: number } | { names: string[]; folder: string }>()
    let next = 0
    const place = (path: string) => join(options.root, normalize(`/${path}`))
    const opened = (handle: Buffer) => handles.get(handle.readUInt32BE(0))
    function keep(entry: { fd: number } | { names: string[]; folder: string }): Buffer {
      next += 1
      handles.set(next, entry)
      const handle = Buffer.alloc(4)
      handle.writeUInt32BE(next)
      return handle
    }

    /** Does the work and answers, unless a trap is sprung. */
    function on(
      event: string,
      work: (id: number, ...rest: never[]) => void,
      isNaming: (...rest: never[]) => boolean = () => false,
    ) {
      sftp.on(event, (id, ...rest) => {
        requests += 1
        const before = sprung(['cut', 'hold', 'fail', 'deny'], isNaming(...rest))
        if (before === 'cut') return void socket?.destroy()
        if (before === 'hold') return
        if (before !== undefined) return sftp.status(id, before === 'deny' ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE)
        const after = sprung(['cut-after', 'hold-after', 'fail-after'], isNaming(...rest))
        if (after === undefined) return answering(id, () => work(id, ...rest))
        unanswered(() => work(-1, ...rest))
        if (after === 'cut-after') return void socket?.destroy()
        if (after === 'fail-after') sftp.status(id, STATUS_CODE.FAILURE)
      })
    }

    function answering(id: number, work: () => void): void {
      try {
        work()
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined
        sftp.status(id, code === 'ENOENT' ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE)
      }
    }

    /** The id -1 is nobody's: what is said to it is not said. */
    const say = {
      status: (id: number, code: number) => (id < 0 ? undefined : sftp.status(id, code)),
      handle: (id: number, handle: Buffer) => (id < 0 ? undefined : sftp.handle(id, handle)),
    }

    on('REALPATH', (id, path: string) => {
      const filename = normalize(`/${path}`).replace(/(.)\/$/, '$1')
      sftp.name(id, [{ filename, longname: filename, attrs: {} }])
    })
    const stat = (id: number, path: string) => sftp.attrs(id, attributesOf(statSync(place(path))))
    on('STAT', stat)
    on('LSTAT', stat)
    on('FSTAT', (id, handle: Buffer) => {
      const found = opened(handle)
      if (found === undefined || !('fd' in found)) return sftp.status(id, STATUS_CODE.FAILURE)
      sftp.attrs(id, attributesOf(fstatSync(found.fd)))
    })
    on('OPENDIR', (id, path: string) => say.handle(id, keep({ names: readdirSync(place(path)), folder: path })))
    on('READDIR', (id, handle: Buffer) => {
      const found = opened(handle)
      if (found === undefined || 'fd' in found || found.names.length === 0) return sftp.status(id, STATUS_CODE.EOF)
      sftp.name(
        id,
        found.names.splice(0, 100).map((filename) => {
          const stats = statSync(join(place(found.folder), filename))
          return {
            filename,
            longname:
              options.listsNamesOnly === true
                ? filename
                : `${stats.isDirectory() ? 'd' : '-'}rw-r--r-- 1 u g ${stats.size} ${filename}`,
            attrs: attributesOf(stats),
          }
        }),
      )
    })
    on('OPEN', (id, path: string, flags: number) => {
      const writes = (flags & OPEN_MODE.WRITE) !== 0
      say.handle(id, keep({ fd: openSync(place(path), writes ? 'w' : 'r') }))
    })
    on('READ', (id, handle: Buffer, offset: number, length: number) => {
      const found = opened(handle)
      if (found === undefined || !('fd' in found)) return sftp.status(id, STATUS_CODE.FAILURE)
      const room = Buffer.alloc(trap?.trouble === 'crumbs' ? Math.min(7, length) : length)
      const read = readSync(found.fd, room, 0, room.length, offset)
      if (read === 0) return sftp.status(id, STATUS_CODE.EOF)
      sftp.data(id, room.subarray(0, read))
    })
    on('WRITE', (id, handle: Buffer, offset: number, data: Buffer) => {
      const found = opened(handle)
      if (found === undefined || !('fd' in found)) return say.status(id, STATUS_CODE.FAILURE)
      writeSync(found.fd, data, 0, data.length, offset)
      say.status(id, STATUS_CODE.OK)
    })
    on('CLOSE', (id, handle: Buffer) => {
      const found = opened(handle)
      if (found !== undefined && 'fd' in found) closeSync(found.fd)
      handles.delete(handle.readUInt32BE(0))
      say.status(id, STATUS_CODE.OK)
    })
    for (const event of ['SETSTAT', 'FSETSTAT']) on(event, (id) => say.status(id, STATUS_CODE.OK))
    on('REMOVE', (id, path: string) => {
      unlinkSync(place(path))
      say.status(id, STATUS_CODE.OK)
    })
    on('MKDIR', (id, path: string) => {
      mkdirSync(place(path))
      say.status(id, STATUS_CODE.OK)
    })
    on(
      'RENAME',
      (id, from: string, to: string) => {
        // As the protocol has it: never onto what is there.
        if (existsSync(place(to))) return say.status(id, STATUS_CODE.FAILURE)
        renameSync(place(from), place(to))
        say.status(id, STATUS_CODE.OK)
      },
      (from: string) => /\/\.[^/]*\.tmp$/.test(from),
    )
  }

  /** Hangs up on the callers that the traps at the door are for; the others are SSH's. */
  const door = createServer((socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    const trouble = sprung(['busy', 'strange', 'silent'])
    if (trouble === 'busy') return void socket.end('Not allowed at this time\r\n')
    if (trouble === 'strange') return void socket.end('SSH-2.0-Proxy\r\n<html><body>Bad Gateway</body></html>\r\n')
    if (trouble === 'silent') return
    last = socket
    server.injectSocket(socket)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const address = door.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')

  return {
    port: address.port,
    hostKey: fingerprintOf(key.public),
    requests: () => requests,
    logins: () => logins,
    callers: () => sockets.size,
    set(wanted) {
      trap =
        wanted === undefined ? undefined : { trouble: wanted.trouble, left: wanted.times, onNaming: wanted.onNaming === true }
    },
    reset() {
      trap = undefined
      requests = 0
      logins = 0
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => door.close(resolve))
    },
  }
}

/** Of an OpenSSH public key. */
export function fingerprintOf(publicKey: string): string {
  const bytes = utils.parseKey(publicKey).getPublicSSH()
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`
}

function unanswered(work: () => void): void {
  try {
    work()
  } catch {
    // Nobody hears of it.
  }
}

function attributesOf(stats: Stats): Attributes {
  const { mode, uid, gid, size } = stats
  return { mode, uid, gid, size, atime: Math.floor(stats.atimeMs / 1000), mtime: Math.floor(stats.mtimeMs / 1000) }
}
