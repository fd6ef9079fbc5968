import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { AuditStats, Outcome } from '@skycrate/contract/audit/schemas'
import type { ReactElement } from 'react'
import { OUTCOMES } from '../../audit/outcome-chip.tsx'

const ORDER: readonly Outcome[] = ['error', 'deny', 'allow']
const COLORS: Readonly<Record<Outcome, string>> = { allow: 'success.main', deny: 'warning.main', error: 'error.main' }
const HEIGHT = 72

interface AuditChartProps {
  /** With the time that they are of, in ISO 8601. */
  readonly stats: AuditStats & { readonly from: string; readonly to: string }
}

/** Events by day and outcome, as bars; days without events are gaps of the same width. */
export function AuditChart({ stats }: AuditChartProps): ReactElement {
  const days = everyDay(stats)
  const most = Math.max(1, ...days.map((day) => day.allow + day.deny + day.error))
  return (
    <Box sx={{ mb: 2, flexShrink: 0 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 3, mb: 1 }}>
        <Typography variant="body2">{stats.total.toLocaleString()} events</Typography>
        {(['allow', 'deny', 'error'] as const).map((outcome) => (
          <Typography key={outcome} variant="body2" sx={{ display: 'flex', alignItems: 'center', gap: 0.75 }}>
            <Box component="span" sx={{ width: 10, height: 10, borderRadius: 0.5, bgcolor: COLORS[outcome] }} />
            {OUTCOMES[outcome].name} {stats.byOutcome[outcome].toLocaleString()}
          </Typography>
        ))}
      </Box>
      {days.length > 0 && (
        <>
          <Box
            role="img"
            aria-label={`Events by day from ${days[0]!.day} to ${days.at(-1)!.day}`}
            sx={{
              display: 'flex',
              alignItems: 'flex-end',
              gap: '2px',
              height: HEIGHT,
              borderBottom: 1,
              borderColor: 'divider',
            }}
          >
            {days.map((day) => (
              <Box
                key={day.day}
                title={`${day.day}: ${day.allow} allowed, ${day.deny} refused, ${day.error} failed`}
                sx={{ flex: '1 1 0', maxWidth: '40px', minWidth: '1px', display: 'flex', flexDirection: 'column' }}
              >
                {ORDER.map((outcome) => (
                  <Box
                    key={outcome}
                    sx={{
                      height: day[outcome] === 0 ? 0 : Math.max(2, (day[outcome] / most) * HEIGHT),
                      bgcolor: COLORS[outcome],
                    }}
                  />
                ))}
              </Box>
            ))}
          </Box>
          <Typography variant="caption" color="text.secondary">
            All events from {days[0]!.day} to {days.at(-1)!.day}, by day in UTC
          </Typography>
        </>
      )}
    </Box>
  )
}

const DAY_MS = 86_400_000
/** Bars that fit; older days are left out. */
const MAX_DAYS = 120

function everyDay({ byDay, from, to }: AuditChartProps['stats']): AuditStats['byDay'] {
  const known = new Map(byDay.map((day) => [day.day, day]))
  const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
  const end = Date.parse(dayOf(Date.parse(to)))
  const days: AuditStats['byDay'] = []
  for (
    let at = Math.max(Date.parse(dayOf(Date.parse(from))), end - (MAX_DAYS - 1) * DAY_MS);
    at < end + DAY_MS;
    at += DAY_MS
  ) {
    const day = dayOf(at)
    days.push(known.get(day) ?? { day, allow: 0, deny: 0, error: 0 })
  }
  return days
}
