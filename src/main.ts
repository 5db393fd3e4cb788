import { run } from './commands/program.ts'

// `isync --help | head -1` closes the pipe early. Whoever reads no more wants no more: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

await run(process.argv.slice(2))
