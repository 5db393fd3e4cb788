/** Expanded collections end here, with a link of their own to the rest (contract section 9). */
const MOST_EXPANDED = 20

/** True where a collection inside the document says that there is more of it. */
export function isCut(document: unknown): boolean {
  return partsOf(document).some(([key, part]) => key.endsWith('@odata.nextLink') || isCut(part))
}

/** True where there may be more, said or not: then the order is read by its id, which gives everything. */
export function mayBeCut(document: unknown): boolean {
  if (Array.isArray(document) && document.length >= MOST_EXPANDED) return true
  return partsOf(document).some(([key, part]) => key.endsWith('@odata.nextLink') || mayBeCut(part))
}

function partsOf(document: unknown): readonly (readonly [string, unknown])[] {
  if (typeof document !== 'object' || document === null) return []
  return Object.entries(document).filter(([, part]) => part !== null)
}
