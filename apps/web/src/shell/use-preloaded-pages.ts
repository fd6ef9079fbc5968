import type { Me } from '@skycrate/contract/auth/schemas'
import { useEffect } from 'react'
import { PAGES } from '../app/pages.ts'

/** Milliseconds after which the first page has what it needs. */
const SETTLED = 2_000

/**
 * Fetches the scripts of the other pages once the first one stands, so that they open at once, and open at all while the
 * server is away. Their data is not fetched: the audit log would tell of what nobody looked at.
 */
export function usePreloadedPages({ isAdmin }: Me): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const { audience, component } of PAGES) {
        if (audience === 'user' || isAdmin) void component.preload?.()
      }
    }, SETTLED)
    return () => clearTimeout(timer)
  }, [isAdmin])
}
