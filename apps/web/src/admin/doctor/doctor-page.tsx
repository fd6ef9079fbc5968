import Alert from '@mui/material/Alert'
import AlertTitle from '@mui/material/AlertTitle'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import type { DoctorReport, Finding } from '@skycrate/contract/doctor/schemas'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { formatTime } from '../../format/format-time.ts'
import { Card } from '../../ui/card.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { doctorQuery } from './doctor-queries.ts'

const AREAS: Readonly<Record<Finding['area'], string>> = {
  configuration: 'Configuration',
  database: 'Database',
  store: 'Store',
  issuers: 'Issuers',
  mail: 'Mail',
  addresses: 'Addresses',
}

const OUTCOMES = {
  good: { label: 'Good', color: 'success' },
  warning: { label: 'Warning', color: 'warning' },
  bad: { label: 'Bad', color: 'error' },
  skipped: { label: 'Not checked', color: 'default' },
} as const

/** What is wrong comes first. */
const ORDER = { bad: 0, warning: 1, good: 2, skipped: 3 } as const

/** What SkyCrate stands on, checked, and how to mend what is wrong. */
export function DoctorPage(): ReactElement {
  const { api } = useApp()
  const query = useQuery(doctorQuery(api))
  return (
    <Page
      title="Doctor"
      description="Checks what SkyCrate depends on. To do so it writes to a scratch place in the store and deletes that again."
      actions={
        <Button variant="contained" loading={query.isFetching} onClick={() => void query.refetch()}>
          Check again
        </Button>
      }
    >
      <QueryState query={query}>{(report) => <Report report={report} />}</QueryState>
    </Page>
  )
}

function Report({ report }: { readonly report: DoctorReport }): ReactElement {
  const { at, findings, healthy } = report
  const wrong = findings.filter(({ outcome }) => outcome === 'bad').length
  const warnings = findings.filter(({ outcome }) => outcome === 'warning').length
  const severity = healthy ? (warnings === 0 ? 'success' : 'warning') : 'error'
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, maxWidth: 980 }}>
      <Alert severity={severity} variant="outlined" aria-live="polite">
        <AlertTitle sx={{ mb: 0 }}>
          {healthy ? 'Nothing is wrong' : wrong === 1 ? 'One thing is wrong' : `${wrong} things are wrong`}
          {warnings > 0 && `, with ${warnings === 1 ? 'one warning' : `${warnings} warnings`}`}
        </AlertTitle>
        {formatTime(at)}
      </Alert>
      {byArea(findings).map(([area, ofArea]) => (
        <Card key={area} title={AREAS[area]}>
          <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
            {ofArea.map((finding) => (
              <FindingLine key={finding.id} finding={finding} />
            ))}
          </Box>
        </Card>
      ))}
    </Box>
  )
}

function byArea(findings: readonly Finding[]): [Finding['area'], readonly Finding[]][] {
  const sorted = findings.toSorted((one, other) => ORDER[one.outcome] - ORDER[other.outcome])
  const worst = (area: Finding['area']): number => {
    const first = sorted.find((finding) => finding.area === area)
    return first === undefined || ORDER[first.outcome] > ORDER.warning ? ORDER.good : ORDER[first.outcome]
  }
  return (Object.keys(AREAS) as Finding['area'][])
    .toSorted((one, other) => worst(one) - worst(other))
    .map((area) => [area, sorted.filter((finding) => finding.area === area)])
}

function FindingLine({ finding }: { readonly finding: Finding }): ReactElement {
  const { title, outcome, detail, mend } = finding
  const { label, color } = OUTCOMES[outcome]
  return (
    <Box
      component="li"
      sx={{
        display: 'grid',
        gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: '110px minmax(0, 1fr)' },
        gap: 1,
        py: 1,
        borderTop: 1,
        borderColor: 'divider',
        typography: 'body2',
        overflowWrap: 'anywhere',
        '&:first-of-type': { borderTop: 0 },
      }}
    >
      <Box>
        <Chip label={label} color={color} size="small" variant="outlined" />
      </Box>
      <Box>
        <Box sx={{ fontWeight: 600 }}>{title}</Box>
        <Box sx={{ color: 'text.secondary' }}>{detail}</Box>
        {mend !== null && <Box sx={{ mt: 0.5 }}>{mend}</Box>}
      </Box>
    </Box>
  )
}
