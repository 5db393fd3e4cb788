import type { Command } from 'commander'
import { newCommand } from './shell/options.ts'
export function command(): Command {
  return newCommand('init', 'x', [])
}
