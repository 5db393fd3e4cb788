import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SandboxClock } from './stand-in.ts'

export interface ClockOptions {
  /** Where the state is shared with other processes. */
  readonly file?: string
  /** First virtual instant, epoch milliseconds. Default: what the file says, else the real time. */
  readonly start?: number
  /** Virtual milliseconds per real one; 0 stands still. Default: what the file says, else 1. */
  readonly scale?: number
}

export interface Clock extends SandboxClock {
  readonly file: string | undefined
  advance(ms: number): void
  set(epochMs: number): void
  setScale(scale: number): void
  state(): ClockState
}

/** The file's whole content, as JSON. */
export interface ClockState {
  readonly anchorReal: number
  readonly anchorVirtual: number
  readonly scale: number
}

/** A virtual clock: anchorVirtual + (real now - anchorReal) * scale. Processes that name the same file share the time. */
export function createClock(options: ClockOptions = {}): Clock {
  const { file } = options
  let version = ''
  let state: ClockState = { anchorReal: Date.now(), anchorVirtual: options.start ?? Date.now(), scale: options.scale ?? 1 }

  const found = file === undefined ? undefined : readState(file)
  if (found !== undefined) state = found
  if (file !== undefined) {
    const changed = options.start !== undefined || options.scale !== undefined
    if (found === undefined) write(state)
    else if (changed)
      write({ anchorReal: Date.now(), anchorVirtual: options.start ?? virtual(found), scale: options.scale ?? found.scale })
    else version = fileVersion(file)
  }

  function write(next: ClockState): void {
    state = next
    if (file === undefined) return
    mkdirSync(dirname(file), { recursive: true })
    const draft = `${file}.${process.pid}.tmp`
    writeFileSync(draft, JSON.stringify(next))
    renameSync(draft, file)
    version = fileVersion(file)
  }

  function refresh(): void {
    if (file === undefined) return
    const seen = fileVersion(file)
    if (seen === version || seen === '') return
    const next = readState(file)
    if (next === undefined) return
    version = seen
    state = next
  }

  function now(): number {
    refresh()
    return virtual(state)
  }

  return {
    file,
    now,
    advance(ms) {
      write({ anchorReal: Date.now(), anchorVirtual: now() + ms, scale: state.scale })
    },
    set(epochMs) {
      refresh()
      write({ anchorReal: Date.now(), anchorVirtual: epochMs, scale: state.scale })
    },
    setScale(scale) {
      write({ anchorReal: Date.now(), anchorVirtual: now(), scale })
    },
    state() {
      refresh()
      return state
    },
  }
}

function virtual(state: ClockState): number {
  return Math.floor(state.anchorVirtual + (Date.now() - state.anchorReal) * state.scale)
}

// The rename gives every version a new inode, so two writes within one tick of the file system's clock still differ.
function fileVersion(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino}:${stat.mtimeNs}`
}

function readState(file: string): ClockState | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isState(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isState(value: unknown): value is ClockState {
  if (typeof value !== 'object' || value === null) return false
  const state = value as Record<string, unknown>
  return ['anchorReal', 'anchorVirtual', 'scale'].every((name) => Number.isFinite(state[name]))
}
