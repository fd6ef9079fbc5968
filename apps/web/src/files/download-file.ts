import type { SkyCrateClient } from '@skycrate/client/client'

/** Seconds: the browser begins at once, and a download that has begun may take as long as it takes. */
const URL_LIVES = 120

/** Hands a file to the browser's own download manager, straight from S3 and under its own name. */
export async function downloadFile(
  api: SkyCrateClient,
  bucket: string,
  key: string,
  name: string,
  versionId?: string,
): Promise<void> {
  // The server cuts it to what file systems take.
  const downloadAs = name === '' ? 'download' : name
  const { url } = await api.presignedUrl({
    bucket,
    key,
    operation: 'get',
    expiresIn: URL_LIVES,
    downloadAs,
    ...(versionId !== undefined && { versionId }),
  })
  const link = document.createElement('a')
  link.href = url
  link.rel = 'noreferrer'
  link.click()
}
