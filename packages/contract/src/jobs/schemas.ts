import { Type, type Static } from 'typebox'
import { closed, nullable, timestamp } from '../schemas.ts'

const EXAMPLE = {
  id: 'job_01kaj7x2v9c4t0m8q3n5p6r7s8',
  kind: 'user.delete',
  state: 'running',
  progress: { done: 1200, total: 5000 },
  createdBy: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  createdAt: '2026-11-29T12:00:00.000Z',
  finishedAt: null,
} as const

export const JobState = Type.Enum(['queued', 'running', 'done', 'failed', 'cancelled'])

const count = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }))

/** Of jobs that copy, move, delete or restore objects. */
export const JobAbout = Type.Object(
  {
    bucket: Type.String(),
    names: Type.Array(Type.String(), { description: 'The first of the keys and prefixes that it was asked for.' }),
    items: Type.Integer({ minimum: 1, description: 'The number of those keys and prefixes.' }),
    to: Type.Optional(
      Type.Object({ bucket: Type.String(), key: Type.Optional(Type.String()), prefix: Type.Optional(Type.String()) }),
    ),
    skipped: count('Objects left where they were since their names were taken.'),
    missing: count('Objects that were gone before their turn.'),
    changed: count('Objects copied but not deleted, since somebody changed them during the move.'),
    failed: count('Objects that cannot be copied: archived, or with a key that would be too long.'),
    waiting: count('Archived objects that the store is restoring: it takes up to two days.'),
    deletedSince: Type.Optional(timestamp('Of a deletion: for `POST /s3/restore-deleted`.')),
  },
  { $id: 'JobAbout' },
)
export type JobAbout = Static<typeof JobAbout>

export const Job = Type.Object(
  {
    id: Type.String(),
    kind: Type.String({ description: 'What it does, for example user.delete.' }),
    state: JobState,
    progress: Type.Object({
      done: Type.Integer({ minimum: 0 }),
      total: nullable(Type.Integer({ minimum: 0, description: 'Null while it is not known.' })),
    }),
    problem: Type.Optional(
      Type.Object(
        {
          type: Type.String({ description: "The URL of the code's page." }),
          title: Type.String(),
          status: Type.Integer(),
          code: Type.String(),
          detail: Type.Optional(Type.String()),
        },
        { description: 'Why it failed, or why its latest try did.' },
      ),
    ),
    about: Type.Optional(JobAbout),
    createdBy: nullable(Type.String({ description: 'The user who started it; null for SkyCrate itself.' })),
    createdAt: timestamp('When it was created.'),
    finishedAt: nullable(timestamp('When it was done, failed or was cancelled.')),
  },
  { $id: 'Job', examples: [EXAMPLE] },
)
export type Job = Static<typeof Job>

export const Jobs = Type.Object(
  { jobs: Type.Array(Job), nextCursor: nullable(Type.String()) },
  { $id: 'Jobs', examples: [{ jobs: [EXAMPLE], nextCursor: null }] },
)
export type Jobs = Static<typeof Jobs>

export const JobsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
    state: Type.Optional(JobState),
  },
  { ...closed, $id: 'JobsQuery' },
)
