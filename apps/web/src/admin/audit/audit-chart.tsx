import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { AuditStats, Outcome } from '@skycrate/contract/audit/schemas'
import type { ReactElement } from 'react'
import { OUTCOMES } from '../../audit/outcome-chip.tsx'

const ORDER: readonly Outcome[] = ['error', 'deny', 'allow']
const COLORS: Readonly<Record<Outcome, string>> = { allow: 'success.main', deny: 'warning.main', error: 'error.main' }
const HEIGHT = 72

/** Events by day and outcome, as bars; days without events are gaps of the same width. */
export function AuditChart({ stats }: { readonly stats: AuditStats }): ReactElement {
  const days = everyDay(stats.byDay)
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
            sx={{ display: 'flex', alignItems: 'flex-end', gap: '2px', height: HEIGHT }}
          >
            {days.map((day) => (
              <Box
                key={day.day}
                title={`${day.day}: ${day.allow} allowed, ${day.deny} denied, ${day.error} failed`}
                sx={{ flex: '1 1 0', maxWidth: 28, minWidth: 1, display: 'flex', flexDirection: 'column' }}
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
            {days[0]!.day} to {days.at(-1)!.day}, days in UTC
          </Typography>
        </>
      )}
    </Box>
  )
}

const DAY_MS = 86_400_000
/** Bars that fit; older days are left out. */
const MAX_DAYS = 120

function everyDay(byDay: AuditStats['byDay']): AuditStats['byDay'] {
  const last = byDay.at(-1)
  const first = byDay[0]
  if (!first || !last) return []
  const known = new Map(byDay.map((day) => [day.day, day]))
  const end = Date.parse(last.day)
  const days: AuditStats['byDay'] = []
  for (let at = Math.max(Date.parse(first.day), end - (MAX_DAYS - 1) * DAY_MS); at <= end; at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10)
    days.push(known.get(day) ?? { day, allow: 0, deny: 0, error: 0 })
  }
  return days
}
