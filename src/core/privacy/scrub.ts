export const SCRUBBED = '[secret]'

/** Shorter ones would blot out ordinary words, and no vendor hands them out. */
const SHORTEST_SECRET = 4

const base64Tail = '[A-Za-z0-9+/_=-]*'

// Brackets belong to a token here, since a known secret inside it has already become `[secret]`.
const tokenShapes =
  /\b(Bearer|Basic)(?:\s+|%20|\+)[\w.~+/|=%[\]-]{8,}|\b(?:Atz[ar]|Atz\.sprdt|Atc)(?:\||%7C|\\u007c)[\w.~+/=%[\]-]{8,}|\b(zoho-oauthtoken)\s+[\w.~+/=%[\]-]{8,}|v\^1\.1#[^\s"'<>]{8,}/gi

/**
 * Replaces secrets in any text by `[secret]`: every given value as it is, URL-encoded, escaped for JSON and in base64 (alone or as the
 * first half of a Basic pair), and whatever looks like an access token. Never throws.
 */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const plain = new Set<string>()
  const encoded = new Map<string, RegExp>()
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue
    for (const form of plainForms(secret)) plain.add(form)
    for (const stem of base64Stems(secret)) encoded.set(stem, new RegExp(escaped(stem) + base64Tail, 'g'))
  }
  // Longest first: a secret that begins with another one must not leave its end behind.
  const forms = [...plain].sort((one, other) => other.length - one.length)

  return (text) => {
    let clean = text
    for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, SCRUBBED)
    for (const [stem, pattern] of encoded) if (clean.includes(stem)) clean = clean.replace(pattern, SCRUBBED)
    return clean.replace(tokenShapes, scrubbedToken)
  }
}

// The scheme stays readable: that a bearer token was sent is worth knowing.
function scrubbedToken(_match: string, scheme: string | undefined, zoho: string | undefined): string {
  const word = scheme ?? zoho
  return word === undefined ? SCRUBBED : `${word} ${SCRUBBED}`
}

function plainForms(secret: string): readonly string[] {
  const url = encodeURIComponent(Buffer.from(secret).toString())
  const form = url.replaceAll('%20', '+').replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  return [
    secret,
    url,
    url.toLowerCase() === secret.toLowerCase() ? url : url.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    form,
    JSON.stringify(secret).slice(1, -1),
  ]
}

// Three bytes make four letters: the letters of the whole groups are the same whatever follows the secret. What follows is the other
// half of the pair, so everything up to the end of the word goes.
function base64Stems(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3))
  if (whole.length < 6) return []
  return [whole.toString('base64'), whole.toString('base64url')]
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
