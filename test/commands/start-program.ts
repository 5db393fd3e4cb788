import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const program = resolve(import.meta.dirname, '../../bin/isync')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts bin/isync in a folder, without a terminal and with nothing of this process's environment but PATH and HOME. */
export function startProgram(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return collect(spawn(program, args, { cwd, env: { ...bare(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** The same through a shell: `$ISYNC` is the program. */
export function startInShell(line: string, cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return collect(
    spawn('/bin/sh', ['-c', line], { cwd, env: { ...bare(), ISYNC: program, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }),
  )
}

function bare(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
}

function collect(child: ReturnType<typeof spawn>): Promise<Ended> {
  const text = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => {
    text.stdout += String(chunk)
  })
  child.stderr?.on('data', (chunk) => {
    text.stderr += String(chunk)
  })
  return new Promise((settle, reject) => {
    child.on('error', reject)
    child.on('close', (code) => settle({ code, ...text }))
  })
}
