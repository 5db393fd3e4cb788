import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

export interface Certificate {
  /** PEM */
  readonly key: string
  /** PEM */
  readonly cert: string
}

const ECDSA_SHA256 = '2a8648ce3d040302'
const COMMON_NAME = '550403'
const ALT_NAME = '551d11'
const BASIC_CONSTRAINTS = '551d13'
const DAY_MS = 86_400_000

/** A certificate that signs itself, for one host name and for two days around now. Made anew, as no key may lie about in a repository. */
export function selfSigned(host: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = contents(host, publicKey, Date.now())
  const signature = sign('sha256', body, privateKey)
  const der = sequence(body, algorithm(), bits(signature))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  }
}

/** RFC 5280, 4.1: what is signed. Issuer and subject are the same. */
function contents(host: string, publicKey: KeyObject, now: number): Buffer {
  const name = sequence(node(0x31, sequence(oid(COMMON_NAME), node(0x0c, Buffer.from(host)))))
  const validity = sequence(time(now - DAY_MS), time(now + DAY_MS))
  const altName = sequence(oid(ALT_NAME), octets(sequence(node(0x82, Buffer.from(host)))))
  const isAuthority = sequence(oid(BASIC_CONSTRAINTS), octets(sequence(node(0x01, Buffer.from([0xff])))))
  return sequence(
    node(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm(),
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    node(0xa3, sequence(altName, isAuthority)),
  )
}

function node(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts)
  const { length } = value
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value])
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), value])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return node(0x30, ...parts)
}

function integer(value: Buffer): Buffer {
  return node(0x02, value)
}

function oid(hex: string): Buffer {
  return node(0x06, Buffer.from(hex, 'hex'))
}

function octets(value: Buffer): Buffer {
  return node(0x04, value)
}

function bits(value: Buffer): Buffer {
  return node(0x03, Buffer.from([0]), value)
}

function algorithm(): Buffer {
  return sequence(oid(ECDSA_SHA256))
}

/** `261122095500Z` */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)
  return node(0x17, Buffer.from(`${digits}Z`))
}
