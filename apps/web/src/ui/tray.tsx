import ExpandLess from '@mui/icons-material/ExpandLess'
import ExpandMore from '@mui/icons-material/ExpandMore'
import Box from '@mui/material/Box'
import IconButton from '@mui/material/IconButton'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import { type CSSProperties, type ReactElement, type ReactNode, type Ref, useId, useState } from 'react'

interface TrayProps {
  readonly label: string
  /** Read out when it changes. */
  readonly summary: string
  /** Buttons beside the summary. */
  readonly actions: ReactNode
  /** Stays when the list is minimised. */
  readonly header?: ReactNode
  /** Lines of the list (`li`). */
  readonly children: ReactNode
  /** The part that scrolls, for a list that draws only what is in sight. */
  readonly scroller?: Ref<HTMLDivElement>
  readonly listStyle?: CSSProperties
}

/** A panel at the lower edge that stays while people move between pages: what goes on in the background. */
export function Tray(props: TrayProps): ReactElement {
  const { label, summary, actions, header, children, scroller, listStyle } = props
  const [isMinimised, setMinimised] = useState(false)
  const listId = useId()
  return (
    <Paper
      component="section"
      aria-label={label}
      elevation={8}
      sx={{
        width: 380,
        maxWidth: '100%',
        minWidth: 0,
        minHeight: 48,
        maxHeight: 'min(420px, 50dvh)',
        display: 'flex',
        flexDirection: 'column',
        overflow: 'hidden',
        border: 1,
        borderColor: 'divider',
      }}
    >
      <Box sx={{ display: 'flex', alignItems: 'center', pl: 2, pr: 1, minHeight: 48, flexShrink: 0 }}>
        <Typography variant="body2" role="status" sx={{ flex: 1, fontWeight: 600 }}>
          {summary}
        </Typography>
        <IconButton
          size="small"
          title={isMinimised ? 'Show the list' : 'Minimise'}
          aria-label={`${isMinimised ? 'Show' : 'Minimise'} ${label.toLowerCase()}`}
          aria-expanded={!isMinimised}
          aria-controls={listId}
          onClick={() => setMinimised(!isMinimised)}
        >
          {isMinimised ? <ExpandLess fontSize="small" /> : <ExpandMore fontSize="small" />}
        </IconButton>
        {actions}
      </Box>
      {header}
      <Box
        id={listId}
        ref={scroller}
        hidden={isMinimised}
        // A list that scrolls is reached by the keyboard.
        tabIndex={0}
        sx={{ overflow: 'auto', borderTop: 1, borderColor: 'divider', '&:focus-visible': { outlineOffset: -2 } }}
      >
        <Box component="ul" style={listStyle} sx={{ m: 0, p: 0, listStyle: 'none' }}>
          {children}
        </Box>
      </Box>
    </Paper>
  )
}
