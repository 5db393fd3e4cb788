import { AuthError, type ConnectorError, PermanentError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { PlannedCall, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { safeText } from '../http/classify.ts'
import type { Gate } from '../http/gate.ts'
import type { FileSettings } from './settings.ts'
import { type Entry, type Shelf, ShelfTrouble, type TroubleKind } from './shelf.ts'

/** What the connector works with: one gate, and a new way to the place for each piece of work. */
export interface FileClient {
  readonly gate: Gate
  readonly settings: FileSettings
  openShelf(): Promise<Shelf>
}

/** The place for one piece of work: each call goes through the gate; the first one logs in. */
export interface Files {
  /** Undefined: there is no such folder. */
  list(folder: string): Promise<readonly Entry[] | undefined>
  /** Undefined: there is no such file. */
  read(path: string): Promise<Buffer | undefined>
  /** `plan`: what a dry run says instead. */
  write(path: string, bytes: Buffer, plan?: readonly PlannedCall[]): Promise<void>
  move(from: string, to: string): Promise<void>
  /** False: it has gone. */
  moveIfThere(from: string, to: string): Promise<boolean>
  makeFolder(path: string): Promise<void>
}

/** Far above what is needed, and below what a server takes for an attack. */
const CALLS = { bucket: 'files', rule: { perSecond: 200, burst: 400 } } as const
/** A server that turns callers away is left alone for so long. */
const BUSY_MS = 60_000
/** The gate speaks of answers with a status; these stand for what a place says. */
const statuses: Readonly<Record<TroubleKind, number>> = { refused: 401, forbidden: 403, absent: 404, busy: 429, broken: 500 }

/** Runs a piece of work and closes the way to the place after it, however it ends. */
export async function withFiles<T>(client: FileClient, signal: AbortSignal, work: (files: Files) => Promise<T>): Promise<T> {
  const { files, close } = await openFiles(client, signal)
  try {
    return await work(files)
  } finally {
    await close()
  }
}

/** What lies in a folder that must be there. Throws RetryableError: it may be not made yet, or not mounted just now. */
export async function entriesOf({ gate }: FileClient, files: Files, folder: string): Promise<readonly Entry[]> {
  const found = await files.list(folder)
  if (found !== undefined) return found
  throw new RetryableError(`there is no folder ${folder}`, { account: gate.account, operation: 'list' })
}

/** As {@link withFiles}, for work that hands out parts on the way. */
export async function openFiles(
  client: FileClient,
  signal: AbortSignal,
): Promise<{ readonly files: Files; close(): Promise<void> }> {
  const shelf = await client.openShelf()
  let isOpen = false

  async function call<T>(
    operation: string,
    effect: VendorCall['effect'],
    work: () => Promise<T>,
    extra: Pick<VendorCall, 'plan'> & { readonly mayBeAbsent?: boolean } = {},
  ): Promise<T | undefined> {
    const { mayBeAbsent = false, ...rest } = extra
    const wanted: VendorCall = { operation, effect, rate: CALLS, timeoutMs: client.settings.timeoutMs, ...rest }
    let result: T | undefined
    const answer = await client.gate.send(
      wanted,
      (deadline) =>
        answering(shelf, deadline, async () => {
          result = await work()
        }),
      signal,
    )
    if (answer.status === 404 && mayBeAbsent) return undefined
    const error = errorOf(client, wanted, answer)
    if (error instanceof AuthError) throw await client.gate.refuse(error)
    if (error !== undefined) throw error
    return result
  }

  async function inside<T>(...asked: Parameters<typeof call<T>>): Promise<T | undefined> {
    if (!isOpen) await login()
    return call(...asked)
  }

  async function login(): Promise<void> {
    await call('login', 'read', () => shelf.open())
    isOpen = true
  }

  return {
    files: {
      list: (folder) => inside('list', 'read', () => shelf.list(folder), { mayBeAbsent: true }),
      read: (path) => inside('read', 'read', () => shelf.read(path), { mayBeAbsent: true }),
      async write(path, bytes, plan) {
        await inside('write', 'write', () => shelf.write(path, bytes), plan === undefined ? {} : { plan })
      },
      async move(from, to) {
        await inside('move', 'write', () => shelf.move(from, to))
      },
      async moveIfThere(from, to) {
        const moved = await inside('move', 'write', () => shelf.move(from, to).then(() => true), { mayBeAbsent: true })
        return moved ?? false
      },
      async makeFolder(path) {
        await inside('makeFolder', 'write', () => shelf.makeFolder(path))
      },
    },
    close: () => shelf.close(),
  }
}

/** What the place says, as an answer; what the connection does, as an error with a code. A call that takes too long takes the connection with it. */
async function answering(shelf: Shelf, deadline: AbortSignal, work: () => Promise<void>): Promise<VendorAnswer> {
  const overdue = new Promise<never>((_resolve, reject) => {
    deadline.addEventListener('abort', () => reject(deadline.reason), { once: true })
  })
  try {
    await Promise.race([work(), overdue])
    return { status: 200, headers: {}, body: Buffer.alloc(0) }
  } catch (error) {
    if (error instanceof ShelfTrouble) return { status: statuses[error.kind], headers: {}, body: Buffer.from(error.message) }
    await shelf.close()
    throw error
  }
}

function errorOf(client: FileClient, call: VendorCall, { status, body }: VendorAnswer): ConnectorError | undefined {
  const facts = { account: client.gate.account, operation: call.operation }
  const words = safeText(body.toString('utf8'))
  if (status === 200) return undefined
  if (status === 401) return new AuthError(words, facts)
  if (status === 429) return new ThrottledError(words, { ...facts, waitMs: BUSY_MS })
  if (status === 403) return new PermanentError(`this account may not do that (${words})`, facts)
  // A folder that is not mounted just now looks like one that nobody has made.
  if (status === 404) return new RetryableError(`there is no such file or folder (${words})`, facts)
  return new RetryableError(`it did not work (${words})`, { ...facts, outcomeUnknown: call.effect === 'write' })
}
