/** How long a run may take to finish what is in flight. */
const GRACE_MS = 10_000

export interface Stop {
  readonly signal: AbortSignal
  /** The signal that stopped us, if one did. */
  readonly by: () => string | undefined
  dispose(): void
}

/**
 * SIGTERM or SIGINT: nothing new begins, the call in flight finishes, leases are released, the process ends within 10 s. A second signal
 * ends it at once; a kill at any moment is safe anyway.
 */
export function listenForStop(): Stop {
  const controller = new AbortController()
  let by: string | undefined
  function onSignal(name: NodeJS.Signals): void {
    if (by !== undefined) process.exit(name === 'SIGINT' ? 130 : 143)
    by = name
    process.stderr.write(`${name}: finishing what is in flight (again to stop at once)\n`)
    controller.abort(new Error(name))
    setTimeout(() => process.exit(name === 'SIGINT' ? 130 : 143), GRACE_MS).unref()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return {
    signal: controller.signal,
    by: () => by,
    dispose() {
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
    },
  }
}
