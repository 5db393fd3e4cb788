/** Names of chunk files, without their maps. */
export function chunksIn(dist: string): readonly string[]

/** `now`: epoch ms. */
export function sweep(dist: string, current: ReadonlySet<string>, previous: ReadonlySet<string>, now?: number): void
