import { lazy, type ReactElement, Suspense, useState, useSyncExternalStore } from 'react'
import { useApp } from '../app/app-context.ts'

const ToastBar = lazy(() => import('./toast-bar.tsx').then((module) => ({ default: module.ToastBar })))

/** Where toasts appear; what shows them is fetched with the first, and stays. */
export function ToastSlot(): ReactElement | null {
  const { toasts } = useApp()
  const hasToast = useSyncExternalStore(toasts.subscribe, () => toasts.current() !== undefined)
  const [isShown, setShown] = useState(false)
  if (hasToast && !isShown) setShown(true)
  if (!isShown) return null
  return (
    <Suspense fallback={null}>
      <ToastBar />
    </Suspense>
  )
}
