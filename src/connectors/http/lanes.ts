/** A call opens a connection of its own and waits for the vendor: so many at once use up a limit of 5 calls a second, and are no burst. */
const LANES = 4

/**
 * `work` for every item, several at once, begun in order; results in the items' order. After the first throw nothing new is begun, and
 * it is thrown once what was under way has ended: no call is left behind that nobody waits for.
 */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  async function lane(): Promise<void> {
    for (const [place, item] of queue) {
      if (failures.length > 0) return
      try {
        results[place] = await work(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane))
  if (failures.length > 0) throw failures[0]
  return results
}

/** In pieces of at most `size`. */
export function chunksOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const chunks: (readonly Item[])[] = []
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size))
  return chunks
}
