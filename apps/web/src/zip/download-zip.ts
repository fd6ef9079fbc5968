import type { SkyCrateClient } from '@skycrate/client/client'
import type { ZipRequest } from './zip-downloads.ts'

/**
 * To be called by what the person did: the browser asks where to save only then. What does the work is fetched with the
 * first.
 */
export async function downloadZip(api: SkyCrateClient, request: ZipRequest): Promise<void> {
  const { startZip } = await import('./start-zip.ts')
  await startZip(api, request)
}
