import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

export const MailState = Type.Object(
  {
    delivery: Type.Enum(['outbox', 'smtp'], {
      description: '`outbox`: no SMTP server is configured, and administrators read the mails at `GET /mail/outbox`.',
    }),
    server: nullable(Type.String({ description: 'Host and port of the SMTP server.' })),
    from: Type.String(),
    waiting: Type.Integer({ minimum: 0, description: 'Mails that the SMTP server has not taken yet.' }),
    failed: Type.Integer({ minimum: 0, description: 'Mails that were given up in the last seven days.' }),
    lastSentAt: nullable(timestamp('When the SMTP server last took a mail, in the last day.')),
    problem: nullable(
      Type.Object(
        {
          at: timestamp('When it happened.'),
          type: Type.String({ description: "The URL of the code's page." }),
          title: Type.String(),
          code: Type.String(),
          detail: Type.Optional(Type.String()),
        },
        { description: 'Why the latest mail was not sent; null once a later one was.' },
      ),
    ),
  },
  {
    $id: 'MailState',
    examples: [
      {
        delivery: 'smtp',
        server: 'smtp.example.com:587',
        from: 'skycrate@example.com',
        waiting: 0,
        failed: 0,
        lastSentAt: '2026-11-29T12:00:00.000Z',
        problem: null,
      },
    ],
  },
)
export type MailState = Static<typeof MailState>

export const Mail = Type.Object({
  id: Type.String(),
  at: timestamp('When it was written.'),
  to: Type.String(),
  subject: Type.String(),
  text: Type.String(),
  expiresAt: timestamp('When the code or link in it expires, and the mail is deleted.'),
})
export type Mail = Static<typeof Mail>

export const Outbox = Type.Object(
  { mails: Type.Array(Mail), nextCursor: nullable(Type.String()) },
  {
    $id: 'Outbox',
    examples: [
      {
        mails: [
          {
            id: 'mai_01kaj7x2v9c4t0m8q3n5p6r7s8',
            at: '2026-11-29T12:00:00.000Z',
            to: 'ada@example.com',
            subject: '123456 is your SkyCrate code',
            text: 'Your code is 123456.',
            expiresAt: '2026-11-29T12:10:00.000Z',
          },
        ],
        nextCursor: null,
      },
    ],
  },
)
export type Outbox = Static<typeof Outbox>

export const MailTest = Type.Object(
  {
    to: Type.Optional(
      Type.String({ minLength: 3, maxLength: 320, ...storable, description: "Default: the caller's own address." }),
    ),
  },
  { ...closed, $id: 'MailTest', examples: [{ to: 'ada@example.com' }] },
)
export type MailTest = Static<typeof MailTest>

export const MailTestResult = Type.Object(
  { to: Type.String(), response: Type.String({ description: "The SMTP server's answer." }) },
  { $id: 'MailTestResult', examples: [{ to: 'ada@example.com', response: '250 Accepted' }] },
)
export type MailTestResult = Static<typeof MailTestResult>
