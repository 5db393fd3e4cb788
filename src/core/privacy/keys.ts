import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { OperatorError } from '../errors.ts'

export interface Keyring {
  /** The key that encrypts. */
  readonly current: { readonly id: string; readonly key: KeyObject }
  /** All keys by id, in the order given. */
  readonly all: ReadonlyMap<string, KeyObject>
}

/** `k2:<base64 of 32 bytes>,k1:<...>`. Throws OperatorError; its text names key ids, never keys. */
export function readKeyring(keys: string): Keyring {
  const problem = keyringProblem(keys)
  if (problem !== undefined) throw unusable(problem)
  const all = new Map<string, KeyObject>()
  for (const entry of entriesOf(keys)) {
    // Node 24 encrypts three to five times slower with a Buffer as the key than with a KeyObject.
    all.set(entry.id, createSecretKey(Buffer.from(entry.key, 'base64')))
  }
  for (const [id, key] of all) return { current: { id, key }, all }
  throw unusable('no key is given')
}

/** What is wrong with a list of keys, or undefined. */
export function keyringProblem(keys: string): string | undefined {
  const entries = entriesOf(keys)
  const seen = new Set<string>()
  for (const [index, { id, key }] of entries.entries()) {
    if (!/^[A-Za-z0-9_-]{1,20}$/.test(id) || key === '')
      return `key ${index + 1} of ${entries.length} is not <id>:<base64 of 32 bytes>`
    if (seen.has(id)) return `key id ${id} stands twice`
    if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(key)) return `key ${id} is not 32 bytes in base64`
    seen.add(id)
  }
  return undefined
}

/** A fresh random key, ready for the list: `k1:<base64>`. */
export function newKey(id = 'k1'): string {
  return `${id}:${randomBytes(32).toString('base64')}`
}

function entriesOf(keys: string): readonly { readonly id: string; readonly key: string }[] {
  return keys.split(',').map((entry) => {
    const colon = entry.indexOf(':')
    return colon < 0 ? { id: '', key: '' } : { id: entry.slice(0, colon).trim(), key: entry.slice(colon + 1).trim() }
  })
}

function unusable(why: string): OperatorError {
  return new OperatorError({
    what: 'the encryption keys cannot be used',
    where: 'encryption_keys',
    why,
    next: 'give encryption_keys as k2:<base64 of 32 bytes>,k1:<...>; openssl rand -base64 32 makes a key',
  })
}
