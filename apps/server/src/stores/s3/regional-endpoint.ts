/**
 * An endpoint of the same store in another region: where its host names the region, the other stands in its place
 * (`s3.eu-central-1.amazonaws.com`, `s3.eu-central-1.wasabisys.com`). A host that names none serves every region.
 *
 * @param from the region of `endpoint`
 */
export function regionalEndpoint(endpoint: string, from: string, to: string): string {
  if (from === to) return endpoint
  const url = new URL(endpoint)
  // An interface of a private network leads to one region only.
  if (url.hostname.includes('.vpce.')) return endpoint
  const labels = url.hostname.split('.')
  if (url.hostname === 's3.amazonaws.com') labels.splice(1, 0, to)
  const at = labels.indexOf(from)
  if (at !== -1) labels[at] = to
  url.hostname = labels.join('.')
  return url.href.replace(/\/$/, '')
}
