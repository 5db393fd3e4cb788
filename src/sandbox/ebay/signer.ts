import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'

/** As getPublicKey gives it: the text of a PEM on one line, and with what it is used. */
export interface PublicKey {
  readonly algorithm: 'ECDSA'
  readonly digest: 'SHA1'
  readonly key: string
}

export interface Signer {
  /** What the header X-EBAY-SIGNATURE says of this text: base64 of JSON (contract section 6.1). */
  headerOf(text: string): string
  publicKey(keyId: string): PublicKey | undefined
  keyId(): string
  /** A new key signs from now on; the old ones can still be fetched, unless they are to be forgotten. */
  rotate(forgetOld: boolean): void
}

interface Pair {
  readonly id: string
  readonly secret: KeyObject
  readonly key: PublicKey
}

/** eBay's keys, made when the first is needed. */
export function createSigner(): Signer {
  let pairs: readonly Pair[] = []

  function current(): Pair {
    const [newest] = pairs
    if (newest !== undefined) return newest
    const made = makePair()
    pairs = [made]
    return made
  }

  return {
    headerOf(text) {
      const { id, secret } = current()
      const signature = createSign('sha1').update(text).sign(secret, 'base64')
      return Buffer.from(JSON.stringify({ alg: 'ecdsa', kid: id, signature, digest: 'SHA1' })).toString('base64')
    },
    publicKey: (keyId) => pairs.find(({ id }) => id === keyId)?.key,
    keyId: () => current().id,
    rotate(forgetOld) {
      pairs = [makePair(), ...(forgetOld ? [] : pairs)]
    },
  }
}

function makePair(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString().replaceAll('\n', '')
  return { id: randomUUID(), secret: privateKey, key: { algorithm: 'ECDSA', digest: 'SHA1', key: pem } }
}
