import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { OperatorError } from '../../core/errors.ts'
import { makeFolder } from '../shell/folder.ts'

/** Absolute paths. */
export interface FilesToWrite {
  readonly config: string
  readonly env: string
  /** The embedded database, where there is to be one. */
  readonly database: string
}

/** Throws OperatorError when anything of an earlier init is there: a new key beside an old database would make its data unreadable. */
export function refuseToOverwrite({ config, env, database }: FilesToWrite): void {
  const folder = dirname(config)
  const usual = ['isync.config.yaml', 'isync.config.yml', 'isync.config.json'].map((name) => join(folder, name))
  const there = [...new Set([config, ...usual, env, database])].filter((file) => existsSync(file))
  if (there.length === 0) return
  const isComplete = there.includes(env) && there.some((file) => file !== env && file !== database)
  throw new OperatorError({
    what: 'init overwrites nothing',
    where: there.join(', '),
    why: `${there.length === 1 ? 'this file is' : 'these files are'} there already`,
    next: isComplete
      ? 'edit them and run isync config:check, or choose another folder: isync init --dir PATH'
      : 'move what you need to keep out of the way, or choose another folder: isync init --dir PATH',
  })
}

/** Both files or none. `wx`: never over a file that appeared meanwhile. */
export function writeFiles({ config, env }: FilesToWrite, configText: string, envText: string): void {
  makeFolder(dirname(config))
  writeFileSync(env, envText, { mode: 0o600, flag: 'wx' })
  try {
    writeFileSync(config, configText, { flag: 'wx' })
  } catch (error) {
    rmSync(env)
    throw error
  }
}
