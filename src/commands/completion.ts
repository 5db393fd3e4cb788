import { Argument, type Command } from 'commander'
import { type Shell, shells } from './shell/completion-scripts.ts'
import { execute } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'

/** Every other command, loaded, with its one line of the program's help. */
export interface AllCommands {
  readonly commands: readonly Command[]
  readonly summaries: ReadonlyMap<string, string>
}

/** `isync completion` */
export function command(loadAll: () => Promise<AllCommands>): Command {
  return newCommand(
    'completion',
    'Complete commands, options and channels by the tab key; channels prints what is offered for --channel',
    [
      'source <(isync completion bash)           # in ~/.bashrc',
      'source <(isync completion zsh)            # in ~/.zshrc, after compinit',
      'isync completion fish | source            # in ~/.config/fish/config.fish',
      'isync completion channels',
    ],
  )
    .addArgument(new Argument('<shell>', 'your shell').choices([...shells, 'channels']))
    .action((shell: Shell | 'channels', options: CommonOptions) =>
      execute('completion', options, async (output) => {
        if (shell === 'channels') {
          const channels = await channelCodes(options)
          for (const code of channels) output.line(code)
          return { verdict: 'done', document: { channels } }
        }
        const { commands, summaries } = await loadAll()
        const { completionTree } = await import('./shell/completion-tree.ts')
        const { completionScript } = await import('./shell/completion-scripts.ts')
        const script = completionScript(shell, completionTree(commands, summaries))
        output.line(script.trimEnd())
        return { verdict: 'done', document: { shell, script } }
      }),
    )
}

/** None where the configuration cannot be read: the tab key is no place for complaints. */
async function channelCodes(options: CommonOptions): Promise<readonly string[]> {
  try {
    const { loadConfiguration } = await import('./shell/configuration.ts')
    return Object.keys(loadConfiguration(options).channels)
  } catch {
    return []
  }
}
