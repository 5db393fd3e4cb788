import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { Db } from '../db/db.ts'
import { addSetting, readSetting } from '../db/settings.ts'
import type { BuyerAccount } from '../model/trigger.ts'
import type { Vault } from './vault.ts'

const KEY = 'privacy.digest_key'

/** The digests of an account: one for each name that it has. Equal for equal names, and nobody can go back from them, or guess, without the key. */
export type AccountDigests = (account: BuyerAccount) => readonly string[]

/**
 * Makes digests with a random key of this database, which is made at the first use and kept sealed. Throws OperatorError where the configured
 * keys do not open it.
 */
export async function accountDigests(db: Db, vault: Vault, now: number): Promise<AccountDigests> {
  const key = createSecretKey(Buffer.from(await digestKey(db, vault, now), 'base64'))
  const digest = (text: string) => createHmac('sha256', key).update(text).digest('base64url')
  return ({ username, userId, token }) => {
    // A marketplace may write the one where it wrote the other before, and a user name in any case: they count as the same kind of name.
    const names = [username, userId].flatMap((name) => (name === undefined ? [] : [`name:${name.toLowerCase()}`]))
    return [...new Set([...names, ...(token === undefined ? [] : [`token:${token}`])])].map(digest)
  }
}

async function digestKey(db: Db, vault: Vault, now: number): Promise<string> {
  const known = await readSetting(db, KEY)
  if (known !== undefined) return vault.open('settings', 'value', KEY, known)
  await addSetting(db, KEY, vault.seal('settings', 'value', KEY, randomBytes(32).toString('base64')), now)
  // Somebody else's may have come first.
  const settled = await readSetting(db, KEY)
  return vault.open('settings', 'value', KEY, settled ?? '')
}
