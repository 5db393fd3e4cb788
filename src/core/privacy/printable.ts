// Control characters (C0, DEL, C1 with ESC among them), marks that turn the reading direction, invisible blanks, halves of a pair.
// The joiners U+200C and U+200D stay: names and emoji need them.
const unsafe = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u
const unsafeAll = new RegExp(unsafe.source, 'gu')

/**
 * A vendor's or buyer's text made safe for a terminal or a table cell: one line that no escape sequence can colour, move or turn.
 * Tabs and line breaks become one blank, the rest goes.
 */
export function printable(text: string): string {
  if (!unsafe.test(text)) return text
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ').replace(unsafeAll, '')
}
