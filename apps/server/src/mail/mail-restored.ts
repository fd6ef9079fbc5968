import type { Sql } from '../db/database.ts'
import { parseMailAddress } from './mail-address.ts'
import type { Mailer } from './mailer.ts'
import type { MailTemplates } from './templates.ts'

/** Days after which nobody needs the news any more. */
const KEPT_DAYS = 3

/** Tells a person by mail that archived objects are back; who has no address sees it at the job alone. */
export function mailRestored({ mailer, templates }: { readonly mailer: Mailer; readonly templates: MailTemplates }) {
  return async (
    tx: Sql,
    { userId, bucket, done, failed }: { userId: string; bucket: string; done: number; failed: number },
  ): Promise<void> => {
    const [user] = await tx.query<{ email: string | null }>(`select email from users where id = $1`, [userId])
    const to = parseMailAddress(user?.email ?? '')
    if (to === undefined) return
    const expiresAt = new Date(Date.now() + KEPT_DAYS * 86_400_000)
    await mailer.send(tx, { to, expiresAt, ...templates.archiveRestored(bucket, done, failed) })
  }
}
