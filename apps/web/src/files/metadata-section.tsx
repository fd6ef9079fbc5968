import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ObjectMetadata } from '@skycrate/contract/metadata/schemas'
import type { ReactElement } from 'react'
import { Fact } from '../ui/fact.tsx'
import { Facts } from '../ui/facts.tsx'

interface MetadataSectionProps {
  readonly told: Pick<ObjectMetadata, 'headers' | 'metadata'>
}

/** What the uploader said of an object, and what the store sends with it. The type is told elsewhere. */
export function MetadataSection({ told }: MetadataSectionProps): ReactElement | null {
  const facts = [
    ...told.metadata.map(({ name, value }) => ({ name, value })),
    ...told.headers.filter(({ name }) => name !== 'content-type'),
  ]
  if (facts.length === 0) return null
  return (
    <Box component="section">
      <Typography variant="h2" component="h3" sx={{ mb: 1 }}>
        Metadata
      </Typography>
      <Facts>
        {facts.map(({ name, value }) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </Facts>
    </Box>
  )
}
