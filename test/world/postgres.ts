import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { type Cluster, startCluster } from './cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The maintenance database of this run's server. */
    postgresUrl: string
    /** Where this run's files go; removed at its end. */
    runDir: string
  }
}

let cluster: Cluster | undefined
let runDir: string | undefined

/** One PostgreSQL and one folder per run. Vitest calls it once, before any test. */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env['ISYNC_TEST_POSTGRES_URL']
  if (given) await expectUsable(given)
  else cluster = await startCluster()

  runDir = mkdtempSync(join(tmpdir(), 'isync-test-'))
  project.provide('runDir', runDir)
  project.provide('postgresUrl', given ?? cluster?.url ?? '')
}

export async function teardown(): Promise<void> {
  await cluster?.stop()
  if (runDir) rmSync(runDir, { recursive: true, force: true })
}

async function expectUsable(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
    const { rows } = await client.query("select current_setting('server_version_num')::int as version")
    if (rows[0].version < 140000) throw new Error(`PostgreSQL 14 or newer is needed, this is ${rows[0].version}`)
  } catch (error) {
    throw new Error('ISYNC_TEST_POSTGRES_URL cannot be used. Correct it, or unset it to run a throwaway server.', { cause: error })
  } finally {
    await client.end().catch(() => {})
  }
}
