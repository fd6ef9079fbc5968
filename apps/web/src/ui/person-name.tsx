import Box from '@mui/material/Box'
import Tooltip from '@mui/material/Tooltip'
import type { ReactElement } from 'react'
import { CopyText } from './copy-text.tsx'
import { nameOf, type Person } from './name-of.ts'

/** A person by name; the id is in the tooltip and can be copied there. */
export function PersonName({ person }: { readonly person: Person }): ReactElement {
  const { id, name, email } = person
  const first = nameOf(person)
  const second = name?.trim() && email ? email : undefined
  return (
    <Tooltip
      title={
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 0.25 }}>
          {second !== undefined && <span>{second}</span>}
          <CopyText text={id} what="the id" />
        </Box>
      }
    >
      <Box
        component="span"
        sx={{ display: 'block', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 }}
      >
        {first}
      </Box>
    </Tooltip>
  )
}

interface PersonWithEmail extends Person {
  readonly email: string | null
  readonly emailVerified: boolean
}

/** What stands under the name: the e-mail address unless it is the name, and that nobody vouches for it if so. */
export function emailUnder({ id, name, email, emailVerified }: PersonWithEmail): string {
  if (email === null) return id
  const isNamed = Boolean(name?.trim())
  if (emailVerified) return isNamed ? email : ''
  return isNamed ? `${email} (not verified)` : 'E-mail not verified'
}
