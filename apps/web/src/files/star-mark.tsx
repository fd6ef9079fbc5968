import StarRounded from '@mui/icons-material/StarRounded'
import type { ReactElement } from 'react'

export function StarMark(): ReactElement {
  return <StarRounded titleAccess="Starred" sx={{ flexShrink: 0, fontSize: 18, color: 'warning.main' }} />
}
