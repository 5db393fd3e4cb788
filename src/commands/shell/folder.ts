import { accessSync, constants, mkdirSync } from 'node:fs'
import { OperatorError } from '../../core/errors.ts'

/** Makes the folder where it is missing, for its owner alone, and makes sure that files can be written into it. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    const next = 'give a folder that you may write to: --dir PATH'
    throw new OperatorError(
      { what: 'the folder cannot be used', where: folder, why: `files cannot be written there (${code})`, next },
      { cause: error },
    )
  }
}
