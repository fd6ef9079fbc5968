import Typography from '@mui/material/Typography'
import type { ReactElement, ReactNode } from 'react'

interface TwoLinesProps {
  readonly first: ReactNode
  /** Smaller, under it; left out where it is ''. */
  readonly second: string
}

/** A cell that tells one thing and another beside it, each in one line. */
export function TwoLines({ first, second }: TwoLinesProps): ReactElement {
  return (
    <>
      <Typography variant="body2" component="div" noWrap {...(typeof first === 'string' ? { title: first } : {})}>
        {first}
      </Typography>
      {second !== '' && (
        <Typography variant="caption" noWrap color="textSecondary" component="div" title={second}>
          {second}
        </Typography>
      )}
    </>
  )
}
