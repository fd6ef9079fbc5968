import { useRouter } from '@tanstack/react-router'
import { useApp } from '../app/app-context.ts'
import { toFiles } from '../paths.ts'

/** Goes to the person's files once they are signed in. */
export function useEntered(): () => void {
  const { interruption, tabs } = useApp()
  const router = useRouter()
  return () => {
    tabs.tell('signed-in')
    interruption.end()
    void router.navigate({ ...toFiles(), replace: true })
  }
}
