import { Type, type Static } from 'typebox'
import { closed, instant, nullable, storable, timestamp } from '../schemas.ts'

export const Outcome = Type.Enum(['allow', 'deny', 'error'])
export type Outcome = Static<typeof Outcome>

export const AuditEvent = Type.Object(
  {
    id: Type.String(),
    at: timestamp('When the event was recorded.'),
    action: Type.String({
      description: 'For example object.get, object.put, object.delete, object.list, home.create, auth.login.',
    }),
    outcome: Outcome,
    userId: nullable(Type.String()),
    userEmail: nullable(Type.String({ description: 'As it is known now; the id is what was recorded.' })),
    bucket: nullable(Type.String()),
    key: nullable(Type.String()),
    reason: nullable(
      Type.String({ description: 'Why it was refused or failed; the permission that allowed it otherwise.' }),
    ),
    requestId: Type.String(),
    ip: nullable(Type.String()),
    userAgent: nullable(Type.String()),
  },
  { $id: 'AuditEvent' },
)
export type AuditEvent = Static<typeof AuditEvent>

export const AuditEvents = Type.Object(
  { events: Type.Array(AuditEvent), nextCursor: nullable(Type.String()) },
  {
    $id: 'AuditEvents',
    examples: [
      {
        events: [
          {
            id: 'evt_01kaj7x2v9c4t0m8q3n5p6r7s8',
            at: '2026-11-21T12:00:00.000Z',
            action: 'object.get',
            outcome: 'allow',
            userId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
            userEmail: 'ada@example.com',
            bucket: 'team-files',
            key: 'reports/2026.pdf',
            reason: null,
            requestId: 'req_01kaj7x2v9c4t0m8q3n5p6r7s8',
            ip: '203.0.113.7',
            userAgent: 'Mozilla/5.0',
          },
        ],
        nextCursor: null,
      },
    ],
  },
)
export type AuditEvents = Static<typeof AuditEvents>

export const AuditQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
    action: Type.Optional(Type.String({ maxLength: 64, ...storable })),
    outcome: Type.Optional(Outcome),
    from: Type.Optional(instant()),
    to: Type.Optional(instant()),
  },
  { ...closed, $id: 'AuditQuery' },
)
