/** A call opens a connection of its own and waits for Amazon's answer: this many at once are enough to use up 5 calls a second. */
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
