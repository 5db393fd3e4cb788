import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OperatorError } from '../../../src/core/errors.ts'
import { newKey, readKeyring } from '../../../src/core/privacy/keys.ts'
import { createVault, keyIdOf } from '../../../src/core/privacy/vault.ts'

const [k1, k2] = [newKey('k1'), newKey('k2')]
const vault = createVault(k1)

function failureOf(action: () => unknown): OperatorError {
  try {
    action()
  } catch (error) {
    if (error instanceof OperatorError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the vault', () => {
  it('gives back every text it sealed', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme', minLength: 900, maxLength: 3000 }))
    fc.assert(
      fc.property(text, fc.string(), (plaintext, row) => {
        expect(vault.open('orders', 'buyer', row, vault.seal('orders', 'buyer', row, plaintext))).toBe(plaintext)
      }),
    )
  })

  it('seals the same text differently each time, over many thousand times', () => {
    const sealed = new Set(Array.from({ length: 5000 }, () => vault.seal('t', 'c', 'r', 'x').split(':')[2]))
    expect(sealed.size).toBe(5000)
  })

  it('writes version, key id, IV and ciphertext with tag', () => {
    expect(vault.seal('t', 'c', 'r', 'abc')).toMatch(/^v1:k1:[\w-]{16}:[\w-]{26}$/)
    expect(keyIdOf(vault.seal('t', 'c', 'r', 'abc'))).toBe('k1')
    expect(keyIdOf('Jane Doe')).toBeUndefined()
  })

  it('deflates what is large, and only that', () => {
    const document = JSON.stringify(
      Array.from({ length: 60 }, (_, line) => ({ orderItemId: line, sku: `SKU-${line}`, currencyCode: 'USD' })),
    )
    const sealed = vault.seal('t', 'c', 'r', document)
    expect(sealed).toMatch(/^v2:k1:/)
    expect(sealed.length).toBeLessThan(document.length / 3)
    expect(vault.open('t', 'c', 'r', sealed)).toBe(document)
    expect(vault.seal('t', 'c', 'r', 'x'.repeat(1023))).toMatch(/^v1:/)
  })

  it('opens a value only in the place it was sealed for', () => {
    const sealed = vault.seal('orders', 'ship_to', 'row-1', 'canary')
    for (const [table, column, row] of [
      ['orders', 'ship_to', 'row-2'],
      ['orders', 'buyer', 'row-1'],
      ['inbox', 'ship_to', 'row-1'],
    ] as const) {
      const failure = failureOf(() => vault.open(table, column, row, sealed))
      expect(failure.where).toBe(`${table}.${column} of ${row}`)
      expect(failure.message).not.toContain('canary')
    }
  })

  it('notices every changed, cut or foreign character', () => {
    const sealed = vault.seal('t', 'c', 'r', 'Jane Doe')
    const [version, id, iv, body = ''] = sealed.split(':')
    const flipped = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    const damaged = [
      ...Array.from({ length: 16 }, (_, at) => [version, id, flipped(iv ?? '', at), body].join(':')),
      ...Array.from({ length: body.length - 1 }, (_, at) => [version, id, iv, flipped(body, at)].join(':')),
      ...Array.from({ length: sealed.length }, (_, length) => sealed.slice(0, length)),
      sealed.replace('v1', 'v2'),
      sealed.replace('v1', 'v3'),
      'Jane Doe',
      '',
      'v1:::',
    ]
    for (const value of damaged) expect(failureOf(() => vault.open('t', 'c', 'r', value)).exitCode).toBe(2)
  })

  it('with a new first key still opens what the old key sealed', () => {
    const old = vault.seal('t', 'c', 'r', 'old')
    const rotated = createVault(`${k2},${k1}`)
    expect(rotated.keyIds).toEqual(['k2', 'k1'])
    expect(rotated.open('t', 'c', 'r', old)).toBe('old')
    expect(keyIdOf(rotated.seal('t', 'c', 'r', 'new'))).toBe('k2')
  })

  it('without the key of a value names the key id, the place and the next step', () => {
    const failure = failureOf(() => createVault(k2).open('orders', 'buyer', 'o-1', vault.seal('orders', 'buyer', 'o-1', 'x')))
    expect(failure).toMatchObject({
      what: 'encryption key k1 is missing',
      where: 'orders.buyer of o-1',
      why: 'the value was encrypted with key k1; encryption_keys holds k2',
      exitCode: 2,
    })
    expect(failure.next).toContain('add k1:<base64> to encryption_keys')
  })

  it('with another key under the same id says so', () => {
    const failure = failureOf(() => createVault(newKey('k1')).open('t', 'c', 'r', vault.seal('t', 'c', 'r', 'x')))
    expect(failure.why).toContain('another key has that id now')
  })
})

describe('a list of keys', () => {
  it.each(['', 'k1', 'k1:', ':abc', 'k1:canary', `k 1:${k1.slice(3)}`, `${k1},`, `${k1},${k1}`, `k1:${'A'.repeat(40)}`])(
    '%j is refused without being shown',
    (keys) => {
      const failure = failureOf(() => createVault(keys))
      expect(failure.exitCode).toBe(2)
      expect(`${failure.message} ${failure.next}`).not.toContain('canary')
      expect(`${failure.message} ${failure.next}`).not.toContain(k1.slice(3))
    },
  )

  it('may be made by newKey', () => {
    expect(newKey()).toMatch(/^k1:[A-Za-z0-9+/]{43}=$/)
    expect(newKey()).not.toBe(newKey())
    expect(readKeyring(`${k2}, ${k1}`).current.id).toBe('k2')
  })
})
