import type { MailId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Job, JobHandler, KindOptions } from '../jobs/job.ts'
import type { Sealing } from '../sealing.ts'
import { deleteMail, findMail } from './mail-rows.ts'
import type { Smtp } from './smtp.ts'

export const SEND_MAIL = 'mail.send'

/** At once in a process: a slow mail server must leave room for other jobs. Tries: more than three hours. */
export const SEND_MAIL_OPTIONS: KindOptions = { attempts: 200, atOnce: 2, cancellable: false }

export interface SendMailInput {
  readonly mailId: MailId
}

/** Hands a mail to the SMTP server and deletes it. Without one it stays in the outbox. */
export function sendMailJob(use: {
  readonly database: Sql
  readonly sealing: Sealing
  readonly smtp: Smtp | undefined
}): JobHandler<SendMailInput> {
  const { database, sealing, smtp } = use
  return async (job: Job<SendMailInput>) => {
    const mail = await findMail(database, sealing, job.input.mailId)
    if (!mail) return
    const { id, to } = mail
    if (to === null) return deleteMail(database, id)
    if (smtp === undefined) return
    if (mail.isExpired) {
      throw new AppError('conflict', 'The mail server did not take this mail while its code or link was good.')
    }
    await smtp.send({ ...mail, to })
    // Tells it from a mail to nobody.
    job.progress(1, 1)
    await deleteMail(database, id)
  }
}
