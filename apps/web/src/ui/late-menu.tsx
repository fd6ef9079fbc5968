import { lazy, type ReactElement, Suspense, useState } from 'react'
import type { ActionMenuProps } from './action-menu.tsx'

const ActionMenu = lazy(() => import('./action-menu.tsx').then((module) => ({ default: module.ActionMenu })))

/** A menu whose script is fetched when it is first opened. */
export function LateMenu(props: ActionMenuProps): ReactElement | null {
  const [wanted, setWanted] = useState(false)
  if (props.anchor !== null && !wanted) setWanted(true)
  return wanted ? (
    <Suspense fallback={null}>
      <ActionMenu {...props} />
    </Suspense>
  ) : null
}
