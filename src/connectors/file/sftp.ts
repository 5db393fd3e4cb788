/// <reference path="./ssh2-sftp-client.d.ts" />
import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { posix } from 'node:path'
import SftpClient from 'ssh2-sftp-client'
import type { SftpPlace } from './settings.ts'
import { type Shelf, ShelfTrouble, type TroubleKind } from './shelf.ts'

/** Status codes of the protocol, and the words that the library puts in their place. */
const kinds = new Map<unknown, TroubleKind>([
  [2, 'absent'],
  ['ENOENT', 'absent'],
  [3, 'forbidden'],
  ['EACCES', 'forbidden'],
  [4, 'broken'],
  [8, 'forbidden'],
])
const LOGIN_REFUSED = /authentication methods failed|cannot parse privatekey|encrypted private|bad passphrase|unsupported key/i
/** A server that has too many callers, or has had enough of this one, hangs up before it says its name. */
const TURNED_AWAY = /connection lost before handshake/i
/** The two ends have no cipher or key in common. */
const NO_COMMON_WAY = /handshake failed/i
const NO_FILES = /subsystem|channel open failure/i
const NO_SUCH_EXTENSION = /does not support this extended request/i
const KEEP_ALIVE_MS = 10_000
/** How lines of a listing begin nearly everywhere: `-rw-r--r--`. */
const LISTED = /^([-dlbcps])[-rwxsStT]{9}/

/** The same folder behind SFTP, over one connection. Calls are made one after the other: the library loses one of two when a connection dies. */
export function openSftp(place: SftpPlace, timeoutMs: number): Shelf {
  const root = place.path.replace(/\/+$/, '')
  const at = (path: string) => `${root}/${path}`
  const callbacks = { error: () => undefined, end: () => undefined, close: () => undefined }
  const sftp = new SftpClient('isync', callbacks)
  let socket: Socket | undefined
  let strangeKey: string | undefined
  let replacesInOneStep = true

  async function open(): Promise<void> {
    // Each request waits for the answer to the one before it: gathering small packets would cost 40 ms a piece.
    socket = connect({ host: place.host, port: place.port, noDelay: true })
    // The library does not listen to it, nor close it, where it gives up by itself: at a private key that is none.
    socket.on('error', () => undefined)
    const { password } = place
    // Many servers ask for the password in this way only. A question that shows what is typed, or a second one, is not about it.
    sftp.client.on('keyboard-interactive', (_name, _words, _language, prompts, answer) => {
      const isPassword = prompts.length === 1 && prompts[0]?.echo !== true
      answer(prompts.map(() => (isPassword ? (password ?? '') : '')))
    })
    try {
      await sftp.connect({
        sock: socket,
        username: place.user,
        ...(password === undefined ? {} : { password, tryKeyboard: true }),
        ...(place.privateKey === undefined ? {} : { privateKey: Buffer.from(place.privateKey, 'base64') }),
        ...(place.passphrase === undefined ? {} : { passphrase: place.passphrase }),
        readyTimeout: timeoutMs,
        keepaliveInterval: KEEP_ALIVE_MS,
        hostVerifier(key) {
          const shown = fingerprintOf(key)
          if (shown === place.hostKey) return true
          strangeKey = `${kindOf(key)} key ${shown}`
          return false
        },
      })
    } catch (error) {
      socket.destroy()
      if (strangeKey !== undefined)
        throw new ShelfTrouble('refused', `the server shows the ${strangeKey}, and host_key names another; no login was tried`)
      const words = error instanceof Error ? error.message : ''
      if (LOGIN_REFUSED.test(words)) throw new ShelfTrouble('refused', `the server refuses the login (${words})`)
      if (TURNED_AWAY.test(words)) throw new ShelfTrouble('busy', 'the server hung up before it said its name')
      if (NO_COMMON_WAY.test(words)) throw new ShelfTrouble('broken', words)
      if (NO_FILES.test(words)) throw new ShelfTrouble('forbidden', 'the server lets the account in, and not to files by SFTP')
      throw failed(error)
    }
  }

  async function replace(from: string, to: string): Promise<void> {
    if (replacesInOneStep) {
      try {
        await sftp.posixRename(from, to)
        return
      } catch (error) {
        if (!(error instanceof Error && NO_SUCH_EXTENSION.test(error.message))) throw error
        replacesInOneStep = false
      }
    }
    try {
      await sftp.rename(from, to)
    } catch (error) {
      // Plain SFTP moves nothing onto a file that is there, and says no more than that it failed. So it may have moved it all the same.
      if (troubleOf(error)?.kind !== 'broken' || !(await isThere(to))) throw error
      if (!(await isThere(from))) return
      await sftp.delete(to)
      await sftp.rename(from, to)
    }
  }

  /** By the listing: asked about one file, servers say that it failed for much else than its absence. */
  async function isThere(path: string): Promise<boolean> {
    return (await sftp.list(posix.dirname(path))).some(({ name }) => name === posix.basename(path))
  }

  return {
    open,
    list: (folder) =>
      telling(async () => {
        const found = await sftp.list(at(folder))
        return found.flatMap(({ name, longname, size, modifyTime }) => {
          // Where a listing does not look like that, its names have to do.
          const kind = LISTED.exec(longname)?.[1] ?? '-'
          return kind === '-' || kind === 'd' ? [{ name, isFolder: kind === 'd', size, changedAt: modifyTime }] : []
        })
      }),
    // The library gives an empty list for an empty file.
    read: (path) => telling(async () => Buffer.from(await sftp.get(at(path)))),
    write: (path, bytes) => telling(async () => void (await sftp.put(bytes, at(path)))),
    move: (from, to) => telling(() => replace(at(from), at(to))),
    makeFolder: (path) => telling(async () => void (await sftp.mkdir(at(path), true))),
    async close() {
      sftp.client.destroy()
      socket?.destroy()
    },
  }
}

/** As `ssh-keygen -l` prints it. */
function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** `ssh-ed25519`: a server has several keys, and whoever told its fingerprint may have told that of another. */
function kindOf(key: Buffer): string {
  const name = key.subarray(4, 4 + (key[3] ?? 0)).toString('latin1')
  return /^[a-z0-9@.-]{1,64}$/.test(name) ? name : 'unnamed'
}

async function telling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw troubleOf(error) ?? failed(error)
  }
}

/** What the server itself said; undefined when the connection failed. */
function troubleOf(error: unknown): ShelfTrouble | undefined {
  if (error instanceof ShelfTrouble) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const kind = kinds.get(code)
  return kind === undefined ? undefined : new ShelfTrouble(kind, `SFTP status ${String(code)}`)
}

/** With a code, by which whoever waits knows that it was the connection. */
function failed(error: unknown): Error {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'ESSH'
  return Object.assign(new Error('the connection failed', { cause: error }), { code: /^E[A-Z]+$/.test(code) ? code : 'ESSH' })
}
