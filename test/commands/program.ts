import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { inject } from 'vitest'

const program = resolve(import.meta.dirname, '../../bin/isync')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built program without a terminal. */
export function isync(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((settle, reject) => {
    const inherited = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' }
    const child = spawn(program, args, { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => settle({ code, stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) }))
  })
}

/** Starts `isync sandbox` and waits until it listens. */
export function startSandboxProgram(cwd: string, args: readonly string[]): Promise<{ stop(): Promise<void> }> {
  const child = spawn(program, ['sandbox', ...args], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((settle) => child.on('close', () => settle()))
  return new Promise((settle, reject) => {
    child.on('error', reject)
    child.on('close', (code) => reject(new Error(`the sandbox ended with ${code}`)))
    child.stdout.on('data', () =>
      settle({
        async stop() {
          child.kill('SIGTERM')
          await ended
        },
      }),
    )
  })
}

export function freshFolder(name: string): string {
  return mkdtempSync(join(inject('runDir'), `isync-${name}-`))
}
