import Box from '@mui/material/Box'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { Card } from '../ui/card.tsx'
import { QuotaUse } from './quota-use.tsx'

/** The quotas that bind a person, and nothing where there are none. */
export function StorageCard(): ReactElement | null {
  const { api } = useApp()
  const query = useQuery({
    queryKey: [KEYS.quotas, 'mine'],
    queryFn: ({ signal }) => api.request('myQuotas', {}, { signal }),
  })
  const quotas = query.data?.quotas ?? []
  if (quotas.length === 0) return null
  return (
    <Card title="Storage">
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        {quotas.map((quota) => (
          <QuotaUse key={`${quota.kind} ${quota.id}`} quota={quota} titled />
        ))}
      </Box>
    </Card>
  )
}
