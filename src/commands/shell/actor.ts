import { userInfo } from 'node:os'

/** cron has no terminal; a person has a login name. */
export function actorName(): string {
  if (!process.stdin.isTTY && !process.stdout.isTTY) return 'cron'
  try {
    return userInfo().username
  } catch {
    return 'operator'
  }
}
