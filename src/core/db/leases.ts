import type { Db } from './db.ts'

export interface LeaseHolder {
  readonly owner: string
  readonly host: string
  readonly pid: number
  readonly taken_at: number
  readonly lease_until: number
}

export interface LeaseRequest {
  /** `<command> <channel>`. */
  readonly name: string
  readonly owner: string
  readonly host: string
  readonly pid: number
  readonly until: number
}

/** Takes a lease that is free or expired. Undefined when it is ours now, else the present holder. */
export async function takeLease(db: Db, request: LeaseRequest, now: number): Promise<LeaseHolder | undefined> {
  for (;;) {
    const taken = await db.rowsLightly<{ owner: string }>(
      `insert into leases (name, owner, host, pid, taken_at, lease_until) values (?, ?, ?, ?, ?, ?)
       on conflict (name) do update set owner = excluded.owner, host = excluded.host, pid = excluded.pid, taken_at = excluded.taken_at, lease_until = excluded.lease_until
       where leases.lease_until < ? or leases.owner = excluded.owner returning owner`,
      [request.name, request.owner, request.host, request.pid, now, request.until, now],
    )
    if (taken.length > 0) return undefined
    const [holder] = await db.rows<LeaseHolder>('select owner, host, pid, taken_at, lease_until from leases where name = ?', [
      request.name,
    ])
    // Let go between the two statements: it is free.
    if (holder !== undefined) return holder
  }
}

/** False: the lease was lost, and another may be at work already. */
export async function renewLease(db: Db, name: string, owner: string, until: number, now: number): Promise<boolean> {
  const rows = await db.rowsLightly(
    'update leases set lease_until = ? where name = ? and owner = ? and lease_until >= ? returning name',
    [until, name, owner, now],
  )
  return rows.length === 1
}

/** Whether the lease is still ours, asked inside the transaction whose writes depend on it. */
export async function holdsLease(tx: Db, name: string, owner: string): Promise<boolean> {
  const rows = await tx.rows(
    `select 1 as one from leases where name = ? and owner = ? ${tx.dialect.name === 'postgres' ? 'for share' : ''}`,
    [name, owner],
  )
  return rows.length === 1
}

export async function releaseLease(db: Db, name: string, owner: string): Promise<void> {
  await db.rowsLightly('delete from leases where name = ? and owner = ? returning name', [name, owner])
}

export async function listLeases(db: Db, now: number): Promise<(LeaseHolder & { readonly name: string })[]> {
  return db.rows('select name, owner, host, pid, taken_at, lease_until from leases where lease_until >= ? order by name', [now])
}
