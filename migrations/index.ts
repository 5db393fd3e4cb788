import type { Knex } from 'knex'
import * as orders from './0001_orders.ts'
import * as shipments from './0002_shipments.ts'
import * as work from './0003_work.ts'
import * as accounts from './0004_accounts.ts'
import * as journal from './0005_journal.ts'
import * as stock from './0006_stock.ts'
import * as twins from './0007_twins.ts'
import * as erasure from './0008_erasure.ts'
import * as findings from './0009_findings.ts'
import * as notices from './0010_notices.ts'
import * as changes from './0011_changes.ts'
import * as runProblems from './0012_run_problems.ts'
import * as reports from './0013_reports.ts'
import * as inbox from './0014_inbox.ts'
import * as buyers from './0015_buyers.ts'
import * as openRuns from './0016_open_runs.ts'
import * as callsOfRuns from './0017_calls_of_runs.ts'

/** Every migration in order. A list, not a folder scan: the built program carries them inside. */
export const migrations: readonly { readonly name: string; readonly migration: Knex.Migration }[] = [
  { name: '0001_orders', migration: orders },
  { name: '0002_shipments', migration: shipments },
  { name: '0003_work', migration: work },
  { name: '0004_accounts', migration: accounts },
  { name: '0005_journal', migration: journal },
  { name: '0006_stock', migration: stock },
  { name: '0007_twins', migration: twins },
  { name: '0008_erasure', migration: erasure },
  { name: '0009_findings', migration: findings },
  { name: '0010_notices', migration: notices },
  { name: '0011_changes', migration: changes },
  { name: '0012_run_problems', migration: runProblems },
  { name: '0013_reports', migration: reports },
  { name: '0014_inbox', migration: inbox },
  { name: '0015_buyers', migration: buyers },
  { name: '0016_open_runs', migration: openRuns },
  { name: '0017_calls_of_runs', migration: callsOfRuns },
]
