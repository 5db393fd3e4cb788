/** Somebody outside who waits for signs of life of a command. No call ever throws, and none holds up the work. */
export interface Monitor {
  /** Says that the run began, without waiting for an answer. */
  begun(): void
  /** Says how it ended: the exit code, and a few lines for a person, without personal data. Settles within seconds whatever happens. */
  ended(exitCode: number, text: string): Promise<void>
}
