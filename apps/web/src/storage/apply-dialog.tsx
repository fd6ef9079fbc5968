import Box from '@mui/material/Box'
import type { StorageAdvice } from '@skycrate/contract/storage/cost-schemas'
import type { TieringRule } from '@skycrate/contract/storage/rule-schemas'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { counted } from '../format/counted.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { formatMoney } from './format-money.ts'
import { ruleWords } from './rule-words.ts'

interface ApplyDialogProps {
  readonly advice: StorageAdvice
  readonly currency: string
  readonly onClose: () => void
}

/** Shows the rules as they will be, and applies them to those that were shown alone. */
export function ApplyDialog({ advice, currency, onClose }: ApplyDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const { store, bucket, rule } = advice
  const params = { store, name: bucket }
  const query = useQuery({
    queryKey: [KEYS.storage, 'rules', store, bucket],
    queryFn: ({ signal }) => api.request('bucketRules', { params }, { signal }),
    staleTime: 0,
  })
  const put = async (rules: readonly TieringRule[], version: string) => {
    const changed = await api.request(
      'changeBucketRules',
      { params, body: { rules: [...rules] } },
      { ifMatch: version },
    )
    void queries.invalidateQueries({ queryKey: [KEYS.storage] })
    return changed
  }
  return (
    <ConfirmDialog
      title="Apply this rule?"
      confirmLabel="Apply"
      onClose={onClose}
      onConfirm={async () => {
        const current = query.data ?? (await api.request('bucketRules', { params }))
        const changed = await put([...current.rules, rule], current.version)
        toasts.show(`Applied a rule to ${bucket}`, {
          undo: async () => {
            await put(changed.before ?? [], changed.version)
          },
        })
      }}
    >
      {ruleWords(rule)}. It saves {formatMoney(advice.saving, currency)} in the next year.
      <Box sx={{ mt: 2 }}>
        <QueryState query={query}>
          {({ rules, others }) => (
            <>
              {bucket} then has {counted(rules.length + 1, 'rule')} of SkyCrate for storage classes
              {rules.length > 0 && ` (now: ${rules.map(ruleWords).join('; ')})`}. Its other lifecycle rules ({others})
              stay as they are.
            </>
          )}
        </QueryState>
      </Box>
    </ConfirmDialog>
  )
}
