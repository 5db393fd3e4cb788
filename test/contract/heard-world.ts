import { expect } from 'vitest'
import type { JournalEntry, SandboxRequest, Vendor } from '../../src/sandbox/stand-in.ts'
import { databases } from '../world/databases.ts'
import { type Ran, startWorld, type World, type WorldOptions } from '../world/loop.ts'
import type { Exchange } from './check.ts'

/** A world whose wire is listened to. */
export interface HeardWorld extends World {
  /** Starts the program; anything but success, or a partial one, is no part of these stories. */
  good(...args: readonly string[]): Promise<Ran>
  /** What went over the wire so far. */
  heard(): readonly Exchange[]
}

interface Heard {
  readonly requestBody: string
  readonly requestType: string | undefined
  readonly replyBody: string
}

const vendors: readonly Vendor[] = ['amazon', 'mirakl', 'shipstation', 'zoho', 'ebay', 'dsco', 'channeladvisor']

/** Where time runs fast, a call on a busy machine takes minutes of it. */
export const patient = { amazon: 'timeout: 10m', mirakl: 'timeout: 10m', zoho: 'timeout: 10m' } as const

/** The wire does not depend on the database: SQLite is enough. No stand-in limits calls. */
export async function openHeardWorld(options: WorldOptions = {}): Promise<HeardWorld> {
  const sqlite = databases.find(({ name }) => name === 'sqlite')
  if (sqlite === undefined) throw new Error('no SQLite')
  const world = await startWorld(sqlite, options)
  world.sandbox.seed('shipstation', { rate_limit: 0 })
  world.sandbox.seed('amazon', { rate_limits: 'off' })
  world.sandbox.seed('mirakl', { rate_limits: false })
  world.sandbox.seed('zoho', { settings: { calls_per_minute: 0, calls_per_day: 0 } })
  return heardIn(world)
}

/** Listens to a world's wire from now on. */
export function heardIn(world: World): HeardWorld {
  return {
    ...world,
    heard: listen(world),
    async good(...args) {
      const ran = await world.isync(args)
      // 3 and 4: where a story makes an account fail on purpose.
      expect([0, 3, 4], `isync ${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`).toContain(ran.code)
      return ran
    },
  }
}

/**
 * The journal keeps no headers and no body of a call that deals in credentials. What the models say of those is heard at the stand-ins
 * themselves. Gives what the journal holds, completed by that.
 */
function listen({ sandbox }: World): () => readonly Exchange[] {
  const heard = new Map<number, Heard>()
  for (const vendor of vendors) {
    const standIn = sandbox.standIn(vendor)
    const handle = standIn.handle.bind(standIn)
    standIn.handle = (request: SandboxRequest) => {
      const reply = handle(request)
      // Nothing comes between an answer and its line in the journal.
      heard.set(sandbox.journal().length + 1, {
        requestBody: request.body.toString('utf8'),
        requestType: request.headers['content-type'],
        replyBody: reply.body === undefined ? '' : JSON.stringify(reply.body),
      })
      return reply
    }
  }
  return () => sandbox.journal().map((entry) => completed(entry, heard.get(entry.n)))
}

function completed(entry: JournalEntry, heard: Heard | undefined): Exchange {
  if (heard === undefined) return entry
  const { requestType, requestBody, replyBody } = heard
  const type = requestType === undefined ? {} : { requestType }
  if (entry.requestBody !== '' || entry.replyBody !== '') return { ...entry, ...type }
  return { ...entry, ...type, requestBody, replyBody }
}
