import { AuthError, isConnectorError, ThrottledError } from '../../core/errors.ts'
import type { Health, HealthCheck } from '../../core/ports/marketplace.ts'
import { type FileClient, type Files, withFiles } from './client.ts'
import { tablesIn } from './inbox.ts'

/** A file that nobody has read for so long is waiting for a pull that does not come. */
const LONG_MS = 24 * 3_600_000

/** Logs in and looks into the three folders. Writes nothing, so whether it may write is not known. Never throws ConnectorError. */
export async function checkHealth(client: FileClient, signal: AbortSignal): Promise<Health> {
  const checks: HealthCheck[] = []
  try {
    await withFiles(client, signal, async (files) => {
      checks.push(await folderCheck(client, files, 'in'))
      checks.unshift({ check: 'authenticated', ok: true, detail: whereOf(client) })
      checks.push(await folderCheck(client, files, 'out'))
      checks.push(await folderCheck(client, files, 'archive'))
      if (checks[1]?.ok === true) checks.push(await waitingCheck(client, files))
    })
  } catch (error) {
    if (!isConnectorError(error)) throw error
    const check = checks.length === 0 ? 'authenticated' : 'folders'
    checks.push({ check, ok: false, detail: error.message, fix: fixOf(client, error) })
  }
  return { ok: checks.every(({ ok }) => ok), checks }
}

function whereOf({ settings: { place } }: FileClient): string {
  if (place.kind === 'local') return `the folder ${place.path} can be read`
  return `${place.host} has the key that is configured and lets ${place.user} in`
}

async function folderCheck({ settings }: FileClient, files: Files, key: 'in' | 'out' | 'archive'): Promise<HealthCheck> {
  const name = settings.folders[key]
  const found = await files.list(name)
  if (found !== undefined) return { check: key, ok: true, detail: `folder ${name}: ${found.length} entries` }
  const fix = `make the folder ${name}, or name another in file.folders.${key} of ${settings.channel}`
  return { check: key, ok: false, detail: `there is no folder ${name}`, fix }
}

async function waitingCheck(client: FileClient, files: Files): Promise<HealthCheck> {
  const waiting = await tablesIn(client, files)
  if (waiting.length === 0) return { check: 'waiting', ok: true, detail: 'no file waits' }
  const hours = Math.floor((client.gate.clock.now() - Math.min(...waiting.map(({ changedAt }) => changedAt))) / 3_600_000)
  const detail = `${waiting.length} files wait, the oldest for ${Math.max(0, hours)} h`
  if (hours * 3_600_000 < LONG_MS) return { check: 'waiting', ok: true, detail }
  const fix = `run isync orders:pull --channel ${client.settings.channel}, and see whether the account may move files to ${client.settings.folders.archive}`
  return { check: 'waiting', ok: false, detail, fix }
}

function fixOf({ settings: { channel, place } }: FileClient, error: Error): string {
  if (error instanceof AuthError)
    return `compare host_key, user and credentials of ${channel} with what the server's operator says; a host key that changed without notice may be somebody else's server`
  if (error instanceof ThrottledError) return 'see how many programs log in there, wait a minute, then run doctor again'
  if (place.kind === 'sftp')
    return `see whether ${place.host}:${place.port} can be reached from here, and whether the folders are readable`
  return `see whether ${place.path} is there and readable for the user that isync runs as`
}
