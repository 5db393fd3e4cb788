import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The launcher of the program that is running. */
export function programPath(): string {
  return fileURLToPath(new URL('../bin/isync', import.meta.url))
}

/** What a person in `folder` types to start this program: `isync` where the PATH leads to it, else the shorter path. */
export function spokenProgram(folder: string): string {
  const program = programPath()
  if (foundOnPath('isync') === realpathSync(program)) return 'isync'
  const near = relative(folder, program)
  return near.length < program.length ? near : program
}

function foundOnPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return realpathSync(file)
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}
