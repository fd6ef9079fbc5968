import { randomBytes } from 'node:crypto'
import { createId, type MailId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Sealing } from '../sealing.ts'
import { insertMail } from './mail-rows.ts'
import type { NewMail } from './mail.ts'
import { SEND_MAIL } from './send-mail-job.ts'

/** Sends mails, each at least once: a process that is killed between the server's answer and its record sends it again. */
export interface Mailer {
  /** The mail leaves once the caller's transaction is committed, and never where it is not. */
  send(tx: Sql, mail: NewMail): Promise<void>
}

export function createMailer(use: {
  readonly jobs: Pick<Jobs, 'enqueue'>
  readonly sealing: Sealing
  readonly now: () => number
}): Mailer {
  const { jobs, sealing, now } = use
  return {
    async send(tx, mail) {
      const id: MailId = createId('mai', now(), randomBytes(10))
      await insertMail(tx, sealing, id, mail)
      // With an outbox too: the job has nothing to do, and whatever is configured at the next start goes on.
      await jobs.enqueue(SEND_MAIL, { mailId: id }, { createdBy: null, tx })
    },
  }
}
