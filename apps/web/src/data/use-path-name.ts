import { useQuery } from '@tanstack/react-query'
import { useApp } from '../app/app-context.ts'
import { useIsGuest } from '../app/guest-context.ts'
import { homeQuery } from './queries.ts'

/** What people call a folder: `Your files/Photos/` in their home, else by its bucket. */
export function usePathName(): (bucket: string, prefix: string) => string {
  const { api } = useApp()
  const isGuest = useIsGuest()
  const home = useQuery({ ...homeQuery(api), enabled: !isGuest }).data
  return (bucket, prefix) =>
    home?.bucket === bucket && prefix.startsWith(home.prefix)
      ? `Your files/${prefix.slice(home.prefix.length)}`
      : `${bucket}/${prefix}`
}
