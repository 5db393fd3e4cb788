import type { Xml } from './xml.ts'

/**
 * What OutputSelector leaves of an answer: elements that are named, by their name or the end of their path, with all that is in them and
 * the way to them. Without selectors everything stays.
 */
export function selected(
  content: { readonly [name: string]: Xml },
  selectors: readonly string[],
): { readonly [name: string]: Xml } {
  if (selectors.length === 0) return content
  return withinElement(content, '', selectors)
}

function withinElement(
  element: { readonly [name: string]: Xml },
  path: string,
  selectors: readonly string[],
): { readonly [name: string]: Xml } {
  const kept: Record<string, Xml> = {}
  for (const [name, value] of Object.entries(element)) {
    const own = path === '' ? name : `${path}.${name}`
    const left = selectors.some((selector) => own === selector || own.endsWith(`.${selector}`))
      ? value
      : within(value, own, selectors)
    if (left !== undefined) kept[name] = left
  }
  return kept
}

/** Undefined when nothing in it is named. */
function within(value: Xml, path: string, selectors: readonly string[]): Xml {
  if (value === undefined || typeof value === 'string') return undefined
  if (isList(value)) {
    const rows = value.map((row) => within(row, path, selectors)).filter((row) => row !== undefined)
    return rows.length === 0 ? undefined : rows
  }
  const kept = withinElement(value, path, selectors)
  return Object.keys(kept).length === 0 ? undefined : kept
}

function isList(value: Xml): value is readonly Xml[] {
  return Array.isArray(value)
}
