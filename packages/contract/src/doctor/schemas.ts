import { Type, type Static } from 'typebox'
import { nullable, timestamp } from '../schemas.ts'

export const Finding = Type.Object({
  id: Type.String({ description: 'Names the check, such as `store.cors`.' }),
  area: Type.Enum(['configuration', 'database', 'store', 'issuers', 'mail', 'addresses']),
  title: Type.String(),
  outcome: Type.Enum(['good', 'warning', 'bad', 'skipped'], {
    description: '`skipped`: it could not be checked, or does not apply; `detail` says why.',
  }),
  detail: Type.String({ description: 'What was found.' }),
  mend: nullable(Type.String({ description: 'What to do about it; null where nothing has to be done.' })),
})
export type Finding = Static<typeof Finding>

export const DoctorReport = Type.Object(
  {
    healthy: Type.Boolean({ description: 'Whether no finding is `bad`.' }),
    at: timestamp('When the checks ended.'),
    findings: Type.Array(Finding),
  },
  {
    $id: 'DoctorReport',
    examples: [
      {
        healthy: false,
        at: '2026-11-29T12:00:00.000Z',
        findings: [
          {
            id: 'store.cors',
            area: 'store',
            title: 'CORS',
            outcome: 'bad',
            detail: 'The bucket team-files does not let pages of https://files.example.com upload and download.',
            mend: 'Allow the origin in the CORS configuration of the bucket.',
          },
        ],
      },
    ],
  },
)
export type DoctorReport = Static<typeof DoctorReport>
