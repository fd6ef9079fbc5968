import type { MailAdmin } from '../../mail/mail-admin.ts'
import type { HandlersOf } from '../route.ts'

export function mailHandlers(mail: MailAdmin): HandlersOf<'mail' | 'mailOutbox' | 'testMail'> {
  return {
    mail: () => mail.state(),
    mailOutbox: ({ who, query, origin }) =>
      mail.outbox({ ...query, limit: query.limit ?? 100 }, { userId: who.userId, origin }),
    testMail: ({ who, body, origin }) => mail.test(body.to, { userId: who.userId, email: who.email, origin }),
  }
}
