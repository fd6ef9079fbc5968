import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { Aim, BucketDetail } from '@skycrate/contract/buckets/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { AIM_NAMES, SETTING_STATES } from './bucket-words.ts'
import { Lines, Section } from './section.tsx'
import { StateChip } from './state-chip.tsx'

/** The settings at the store beside what they should be. */
export function SettingsSection({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const { api, queries, toasts } = useApp()
  const { store, name, retentionDays, updatedAt, adopted } = bucket
  const [applying, setApplying] = useState<readonly Aim[]>()
  const unmet = bucket.settings.filter(({ state }) => state === 'unmet').map(({ aim }) => aim)
  const apply = async (aims: readonly Aim[]): Promise<void> => {
    const changed = await api.request(
      'changeBucket',
      { params: { store, name }, body: { retentionDays, apply: [...aims] } },
      { ifMatch: updatedAt },
    )
    queries.setQueryData([KEYS.buckets, 'one', store, name], changed)
    toasts.show('Applied. See below what the store made of it.')
  }
  return (
    <Section
      title="Settings"
      action={
        unmet.length > 0 && (
          <Button size="small" onClick={() => setApplying(unmet)}>
            Apply all
          </Button>
        )
      }
    >
      <Lines
        rows={bucket.settings.map(({ aim, state, found, reason }) => ({
          key: aim,
          first: (
            <>
              {AIM_NAMES[aim].name}
              <Typography variant="caption" color="textSecondary" component="div">
                {state === 'met'
                  ? (found ?? AIM_NAMES[aim].what)
                  : `${reason ?? ''} ${found === null ? '' : `Now: ${found}.`}`}
              </Typography>
            </>
          ),
          last: (
            <>
              {state === 'unmet' && (
                <Button size="small" onClick={() => setApplying([aim])} sx={{ mr: 1 }}>
                  Apply
                </Button>
              )}
              <StateChip state={SETTING_STATES[state]} />
            </>
          ),
        }))}
      />
      {applying !== undefined && (
        <ConfirmDialog
          title={`Change the settings of ${name}?`}
          confirmLabel="Apply"
          onConfirm={() => apply(applying)}
          onClose={() => setApplying(undefined)}
        >
          {adopted && 'This bucket existed before SkyCrate. '}
          Applies: {applying.map((aim) => AIM_NAMES[aim].name).join(', ')}. Rules, tags and policies of others stay.
        </ConfirmDialog>
      )}
    </Section>
  )
}
