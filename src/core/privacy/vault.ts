import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { OperatorError } from '../errors.ts'
import { readKeyring } from './keys.ts'

/** Encrypts what must not be readable in the database: AES-256-GCM, bound to its table, column and row. */
export interface Vault {
  /** Ids of all keys; the first one encrypts. */
  readonly keyIds: readonly string[]
  /** `v1:<keyId>:<base64url iv>:<base64url ciphertext and tag>`; `v2` is the same of the deflated text. */
  seal(table: string, column: string, row: string, plaintext: string): string
  /** Throws OperatorError when the key is missing, or when the value was changed or belongs elsewhere. */
  open(table: string, column: string, row: string, sealed: string): string
}

const IV_BYTES = 12
const TAG_BYTES = 16
const IV_CHARS = 16
/** From here on deflating pays: a marketplace's document of 8 kB takes a seventh of the room for 30 microseconds more. */
const DEFLATE_FROM_CHARS = 1024
/** A window of 8 kB, like the documents: making zlib's usual 256 kB of tables ready costs more than the deflating. */
const SMALL_DEFLATE = { level: 1, windowBits: 13, memLevel: 6 }
/** Far above any document; a value that grows beyond it on opening is damage, not data. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024

/** `keys` as in the configuration. Throws OperatorError that names key ids, never keys. */
export function createVault(keys: string): Vault {
  const { current, all } = readKeyring(keys)
  const nextIv = createIvSource()

  function seal(table: string, column: string, row: string, plaintext: string): string {
    const iv = nextIv()
    const cipher = createCipheriv('aes-256-gcm', current.key, iv)
    cipher.setAAD(Buffer.from(contextOf(table, column, row)))
    const deflated = plaintext.length >= DEFLATE_FROM_CHARS
    const body = deflated ? cipher.update(deflateRawSync(plaintext, SMALL_DEFLATE)) : cipher.update(plaintext, 'utf8')
    // GCM is a stream mode: everything comes out of update, and the tag exists only after final.
    cipher.final()
    return `${deflated ? 'v2' : 'v1'}:${current.id}:${iv.toString('base64url')}:${Buffer.concat([body, cipher.getAuthTag()]).toString('base64url')}`
  }

  function open(table: string, column: string, row: string, sealed: string): string {
    const parts = partsOf(sealed)
    if (parts === undefined) throw damaged(table, column, row, 'it is not a sealed value')
    const key = all.get(parts.keyId)
    if (key === undefined) throw missingKey(parts.keyId, [...all.keys()], table, column, row)
    const text = decrypt(key, parts, contextOf(table, column, row))
    if (text === undefined) throw damaged(table, column, row, `key ${parts.keyId} ${doesNotFit}`)
    return text
  }

  return { keyIds: [...all.keys()], seal, open }
}

/** The id of the key a value was sealed with; undefined for what is not sealed. */
export function keyIdOf(sealed: string): string | undefined {
  return partsOf(sealed)?.keyId
}

interface Parts {
  readonly deflated: boolean
  readonly keyId: string
  readonly iv: Buffer
  readonly body: Buffer
}

function partsOf(sealed: string): Parts | undefined {
  if (!/^v[12]:/.test(sealed)) return undefined
  const keyEnd = sealed.indexOf(':', 3)
  const ivEnd = keyEnd + 1 + IV_CHARS
  if (keyEnd < 0 || sealed[ivEnd] !== ':') return undefined
  const body = Buffer.from(sealed.slice(ivEnd + 1), 'base64url')
  if (body.length < TAG_BYTES) return undefined
  const iv = Buffer.from(sealed.slice(keyEnd + 1, ivEnd), 'base64url')
  return iv.length === IV_BYTES ? { deflated: sealed[1] === '2', keyId: sealed.slice(3, keyEnd), iv, body } : undefined
}

function decrypt(key: KeyObject, parts: Parts, context: string): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, parts.iv, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(context))
    const end = parts.body.length - TAG_BYTES
    decipher.setAuthTag(parts.body.subarray(end))
    const text = decipher.update(parts.body.subarray(0, end))
    decipher.final()
    return (parts.deflated ? inflateRawSync(text, { maxOutputLength: MAX_TEXT_BYTES }) : text).toString('utf8')
  } catch {
    return undefined
  }
}

// A row id may hold a colon (order keys do); a table or a column never does, so two places never share a context.
function contextOf(table: string, column: string, row: string): string {
  return `${table}:${column}:${row}`
}

// 96 random bits for each value, taken from a pool: one system call for 256 values.
function createIvSource(): () => Buffer {
  const pool = Buffer.allocUnsafe(IV_BYTES * 256)
  let used = pool.length
  return () => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += IV_BYTES
    return pool.subarray(used - IV_BYTES, used)
  }
}

const doesNotFit = 'does not open it: it was changed, moved from another row, or another key has that id now'

function missingKey(keyId: string, known: readonly string[], table: string, column: string, row: string): OperatorError {
  return new OperatorError({
    what: `encryption key ${keyId} is missing`,
    where: `${table}.${column} of ${row}`,
    why: `the value was encrypted with key ${keyId}; encryption_keys holds ${known.join(', ')}`,
    next: `add ${keyId}:<base64> to encryption_keys, after the current key; nothing was changed`,
  })
}

function damaged(table: string, column: string, row: string, why: string): OperatorError {
  return new OperatorError({
    what: 'an encrypted value cannot be read',
    where: `${table}.${column} of ${row}`,
    why,
    next: 'check that encryption_keys holds the keys this database was written with, or restore the row from a backup',
  })
}
