import Button from '@mui/material/Button'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { OwnCounts } from '@skycrate/contract/storage/inventory-schemas'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect, useEffectEvent, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { counted } from '../format/counted.ts'
import { formatTime } from '../format/format-time.ts'
import { statsQuery } from './storage-queries.ts'

type Bucket = OwnCounts['buckets'][number]

/** Milliseconds between two looks for the result, and after which no more is looked for it. */
const LIVE_MS = 2000
const PATIENCE_MS = 5 * 60_000

/** Has the person's own locations counted, and shows the page anew when they are. */
export function CountNow(): ReactElement {
  const { api, queries, toasts } = useApp()
  const [awaited, setAwaited] = useState<readonly Bucket[]>([])
  const isWaiting = awaited.length > 0
  const stats = useQuery({ ...statsQuery(api, 'mine'), refetchInterval: isWaiting ? LIVE_MS : false })
  const counting = useMutation({
    mutationFn: () => api.request('countOwnPlaces', {}),
    onSuccess(answer) {
      setAwaited(answer.buckets.filter(({ state }) => state === 'counting'))
      toasts.show(toldOf(answer))
    },
    onError: (error) =>
      toasts.show(
        error instanceof SkyCrateError && error.status === 429
          ? 'You have asked several times in a row. Try again in a few minutes.'
          : 'The count could not be started. Try again later.',
      ),
  })
  const isDone =
    isWaiting &&
    awaited.every(({ store, bucket, countedAt }) =>
      stats.data?.inventories.some(
        (each) => each.store === store && each.bucket === bucket && each.countedAt !== countedAt,
      ),
    )
  const finish = useEffectEvent(() => {
    setAwaited([])
    void queries.invalidateQueries({ queryKey: [KEYS.storage] })
    toasts.show('Your locations are counted.')
  })
  useEffect(() => {
    if (isDone) finish()
  }, [isDone])
  useEffect(() => {
    if (!isWaiting) return undefined
    const timer = setTimeout(() => setAwaited([]), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [isWaiting])
  return (
    <Button variant="outlined" loading={counting.isPending || isWaiting} onClick={() => counting.mutate()}>
      Count now
    </Button>
  )
}

function toldOf({ buckets, nextAt }: OwnCounts): string {
  const of = (state: Bucket['state']): number => buckets.filter((each) => each.state === state).length
  const told = [
    of('counting') > 0 && `Counting ${counted(of('counting'), 'bucket')}. The page shows the result by itself.`,
    of('counting') === 0 &&
      nextAt !== null &&
      `Counted less than 15 minutes ago. You can count again at ${formatTime(nextAt)}.`,
    of('daily') > 0 && `${counted(of('daily'), 'large bucket')} will be counted with the daily count.`,
    of('later') > 0 && `Click again for ${counted(of('later'), 'more bucket')}.`,
  ].filter((each) => each !== false)
  return told.length === 0 ? 'You have no location that can be counted.' : told.join(' ')
}
