import DonutLargeOutlined from '@mui/icons-material/DonutLargeOutlined'
import Button from '@mui/material/Button'
import { useMutation } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { counted } from '../format/counted.ts'
import { Empty } from '../ui/empty.tsx'
import type { Scope } from './storage-queries.ts'

/** Buckets that one click has counted. */
const MOST = 100

/** What stands where no bucket has been counted yet, and what to do about it. */
export function NotCounted({ scope }: { readonly scope: Scope }): ReactElement {
  const { api, toasts } = useApp()
  const counting = useMutation({
    async mutationFn() {
      const { buckets } = await api.request('listBuckets', { query: { limit: MOST } })
      const ready = buckets.filter(({ state }) => state === 'ready')
      for (const { store, name } of ready) await api.request('takeInventory', { body: { store, bucket: name } })
      return ready.length
    },
    onSuccess: (buckets) => toasts.show(`Counting ${counted(buckets, 'bucket')}. Refresh this page in a moment.`),
    onError: () => toasts.show('The count could not be started. Try again later.'),
  })
  return (
    <Empty
      icon={DonutLargeOutlined}
      title="Nothing was counted yet"
      action={
        scope === 'all' && (
          <Button loading={counting.isPending} onClick={() => counting.mutate()}>
            Count now
          </Button>
        )
      }
    >
      {scope === 'all'
        ? 'New buckets are counted within two hours, and then once a day.'
        : 'Your locations are counted within two hours, and then once a day. You can count them now.'}
    </Empty>
  )
}
