import { recorded, type Route } from '../route.ts'
import { PageQuery } from '../schemas.ts'
import { MailState, MailTest, MailTestResult, Outbox } from './schemas.ts'

export const MAIL_ROUTES = {
  mail: {
    area: 'mail',
    audience: 'admin',
    summary: 'How mails leave, and whether they do',
    success: { status: 200, body: MailState },
    problems: ['forbidden', ...recorded],
  },
  mailOutbox: {
    area: 'mail',
    audience: 'admin',
    summary: 'Mails that are still good, newest first; only where no SMTP server is configured',
    query: PageQuery,
    success: { status: 200, body: Outbox },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', 'not-found', ...recorded],
  },
  testMail: {
    area: 'mail',
    audience: 'admin',
    summary: 'Send a test mail through the SMTP server and wait for its answer',
    body: MailTest,
    success: { status: 200, body: MailTestResult },
    problems: ['invalid-request', 'forbidden', 'conflict', 'mail-refused', 'mail-unavailable', ...recorded],
  },
} as const satisfies Record<string, Route>
