/** Lays a patch over a JSON value: objects by key, lists by index; `'$absent'` takes a key away. */
export function overlay(base: unknown, patch: unknown): unknown {
  if (Array.isArray(patch) && Array.isArray(base)) {
    const merged: unknown[] = [...base]
    for (const [i, item] of patch.entries()) merged[i] = i < base.length ? overlay(base[i], item) : item
    return merged
  }
  if (!isRecord(patch) || !isRecord(base)) return patch
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch)) {
    if (value === '$absent') delete merged[key]
    else merged[key] = key in base ? overlay(base[key], value) : value
  }
  return merged
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
