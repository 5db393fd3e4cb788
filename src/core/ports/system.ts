/** Time. Epoch milliseconds UTC. */
export interface Clock {
  now(): number
  /** Resolves after `ms`, or rejects with StoppedError as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export type LogFields = Readonly<Record<string, unknown>>

/** Structured log. The message is static; facts go into fields; secrets and personal data are never among them. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

/** Random identifiers: sortable by time, unique over hosts. */
export interface Ids {
  next(): string
}

/**
 * Named boundaries where a process may die: around every vendor call and every commit.
 * A no-op in production; the crash story kills the process at the n-th one.
 */
export interface Boundary {
  reach(name: string): void
}
