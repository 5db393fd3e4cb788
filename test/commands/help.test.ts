import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { beforeAll, describe, expect, it } from 'vitest'

const folder = resolve(import.meta.dirname, '../../src/commands')
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'program.ts')
let commands: readonly Command[]

beforeAll(async () => {
  commands = await Promise.all(
    files.map(async (file) => ((await import(`${folder}/${file}`)) as { command(): Command }).command()),
  )
})

describe('the help of every command', () => {
  it('ends with all exit codes, each with its meaning', () => {
    for (const command of commands) {
      const codes = /Exit codes:\n([\s\S]*)$/.exec(helpOf(command))?.[1] ?? ''
      expect(
        [...codes.matchAll(/^ {2}(\d) {2}\S/gm)].map(([, code]) => code),
        command.name(),
      ).toEqual(['0', '1', '2', '3', '4', '5'])
    }
  })

  it('has two examples or more, which the command takes', () => {
    for (const command of commands) {
      const examples = /Examples:\n([\s\S]*?)\n\n?Exit codes:/.exec(helpOf(command))?.[1] ?? ''
      const calls = [...examples.matchAll(/\bisync ([a-z:-]+)((?: [^|&()#>\n]+)?)/g)].filter(
        ([, name]) => name === command.name(),
      )
      expect(calls.length, `${command.name()}:\n${examples}`).toBeGreaterThanOrEqual(2)
      for (const [line, , words = ''] of calls) {
        const spoken = words.match(/"[^"]*"|'[^']*'|\S+/g) ?? []
        const { unknown, operands } = command.parseOptions(spoken)
        expect(unknown, line).toEqual([])
        const required = command.registeredArguments.filter((argument) => argument.required).length
        expect(operands.length, line).toBeGreaterThanOrEqual(required)
        expect(operands.length, line).toBeLessThanOrEqual(command.registeredArguments.length)
      }
    }
  })

  it('describes every option', () => {
    for (const command of commands) for (const option of command.options) expect(option.description, option.flags).not.toBe('')
  })
})

function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({
    writeOut(text) {
      help += text
    },
  })
  command.outputHelp()
  return help
}
