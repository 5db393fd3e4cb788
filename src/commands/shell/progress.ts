/** A line that tells how far a run is. Only a terminal sees it. */
export interface Progress {
  update(text: string): void
  stop(): void
}

const silent: Progress = { update: () => undefined, stop: () => undefined }

/** A spinner on stderr where stderr is a terminal and nobody asked for quiet or JSON. */
export async function startProgress(
  text: string,
  options: { readonly json?: boolean; readonly quiet?: boolean },
): Promise<Progress> {
  if (!process.stderr.isTTY || options.json || options.quiet) return silent
  const { default: ora } = await import('ora')
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start()
  return {
    update(next) {
      spinner.text = next
    },
    stop: () => void spinner.stop(),
  }
}
