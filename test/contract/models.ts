import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The vendors' published models lie beside the repository; a machine without them cannot run the contract tests. */
export const MODELS_FOLDER = fileURLToPath(new URL('../../../shared/contracts/', import.meta.url))
export const MODELS_FOUND = existsSync(MODELS_FOLDER)
