/** The GSM 03.38 alphabet: one character outside it turns a whole message into UCS-2, of which a segment holds 70. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
/** These are sent behind an escape and count twice. */
const extended = new Set('^{}\\[~]|€')

const stands: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '\t': ' ',
  ' ': ' ',
  '`': "'",
}

/** How many septets a text takes; undefined where it holds what the alphabet has not. */
export function septetsOf(text: string): number | undefined {
  let count = 0
  for (const char of text) {
    if (basic.has(char)) count += 1
    else if (extended.has(char)) count += 2
    else return undefined
  }
  return count
}

/** The text in the GSM alphabet, cut with `...` to at most `longest` septets. What the alphabet has not is replaced by the nearest. */
export function gsmText(text: string, longest: number): string {
  const clean = [...text].map(nearest).join('')
  if ((septetsOf(clean) ?? 0) <= longest) return clean
  let kept = ''
  let used = 3
  for (const char of clean) {
    used += septetsOf(char) ?? 1
    if (used > longest) break
    kept += char
  }
  return `${kept.trimEnd()}...`
}

function nearest(char: string): string {
  if (basic.has(char) || extended.has(char)) return char
  const stand = stands[char]
  if (stand !== undefined) return stand
  const bare = char.normalize('NFKD').replace(/\p{M}/gu, '')
  return bare !== '' && septetsOf(bare) !== undefined ? bare : '?'
}
