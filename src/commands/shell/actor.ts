import { userInfo } from 'node:os'

/** Who is answerable for what a command does: the server for what it does by itself, cron where there is no terminal, else a person's login name. */
export function actorName(command: string): string {
  if (command === 'serve') return 'serve'
  if (!process.stdin.isTTY && !process.stdout.isTTY) return 'cron'
  try {
    return userInfo().username
  } catch {
    return 'operator'
  }
}
