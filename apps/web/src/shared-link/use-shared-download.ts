import { useMutation } from '@tanstack/react-query'
import { useApp } from '../app/app-context.ts'

export interface SharedDownloads {
  /** @param path of a shared folder: the file below it */
  readonly start: (path?: string) => void
  readonly isPending: boolean
  /** Null where the last one began. */
  readonly error: unknown
}

/** Hands a file to the browser's own download manager, straight from S3. */
export function useSharedDownload(token: string, pass: string | undefined): SharedDownloads {
  const { api } = useApp()
  const { mutate, isPending, error } = useMutation({
    mutationFn: (path: string | undefined) =>
      api.request('downloadShared', {
        params: { token },
        body: { ...(pass !== undefined && { pass }), ...(path !== undefined && { path }) },
      }),
    onSuccess: ({ url }) => {
      const link = document.createElement('a')
      link.href = url
      link.rel = 'noreferrer'
      link.click()
    },
  })
  return { start: (path) => mutate(path), isPending, error }
}
