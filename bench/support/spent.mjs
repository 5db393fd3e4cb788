/**
 * Calls that the stand-ins counted while a command ran: `{ vendor: { 'METHOD /path': n } }`. Time stands still but while nobody does anything:
 * then it moves on by `stepMs`, so that a wait of hours takes a moment. Rejects where the command ends with another code than `codes`.
 */
export async function spent(world, stepMs, command, codes = [0]) {
  const before = await world.counts()
  let running = true
  const ended = world.isync([command], codes).finally(() => {
    running = false
  })
  let last = total(before)
  let idle = 0
  while (running) {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))])
    const now = total(await world.counts())
    idle = now === last ? idle + 1 : 0
    last = now
    if (idle >= 4) await world.clock({ advance_ms: stepMs })
  }
  await ended
  return difference(before, await world.counts())
}

/** Without those for tokens: another host mostly, and no part of any limit here. */
export function withoutTokens(counts) {
  const own = ([shape, count]) => count > 0 && !/\/token$|\/restrictedDataToken$/.test(shape)
  return Object.fromEntries(Object.entries(counts).filter(own))
}

/** `3 GET /api/orders, 1 POST /api/shipments` */
export function listed(counts) {
  return Object.entries(counts)
    .map(([shape, count]) => `${count} ${shape}`)
    .join(', ')
}

/** All calls of one vendor. */
export function sum(counts) {
  return Object.values(counts).reduce((all, count) => all + count, 0)
}

function total(counts) {
  return Object.values(counts).reduce((all, one) => all + sum(one), 0)
}

function difference(before, after) {
  const vendors = Object.keys(after)
  const rest = (vendor) => Object.entries(after[vendor]).map(([shape, count]) => [shape, count - (before[vendor][shape] ?? 0)])
  return Object.fromEntries(vendors.map((vendor) => [vendor, Object.fromEntries(rest(vendor))]))
}
