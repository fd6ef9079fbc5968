import type { BlobUser } from '../store/tables/blob-users.ts'
import { findBlobUsers } from '../store/tables/blob-users.ts'
import type { Finding } from '../store/check-store.ts'
import type { ClosedStore } from '../store/closed-store.ts'

const nameOf = ({ bucket, key, kind, id, part }: BlobUser): string => {
  const place = `${bucket}/${JSON.stringify(key).slice(1, -1)}`
  const whole = kind === 'version' ? `${place} version ${id}` : `${place} upload ${id}`
  return part === undefined ? whole : `${whole} part ${part}`
}

const sentence = (finding: Finding): string => {
  switch (finding.kind) {
    case 'index':
      return `index: ${finding.message}`
    case 'journal':
      return finding.message
    case 'blob':
      return `blob ${finding.blobId} is ${finding.damage}`
    case 'unlisted':
      return `blob ${finding.blobId} is used but not in the index`
    case 'references':
      return `blob ${finding.blobId} has ${finding.counted} references, not ${finding.recorded}`
    case 'size':
      return `size of ${JSON.stringify(finding.key).slice(1, -1)} version ${finding.versionId} is not that of its bytes`
    case 'stray-parts':
      return `${finding.count} parts belong to nothing`
    case 'orphan':
      return `blob ${finding.blobId} belongs to nothing (the next start removes it)`
  }
}

/** One line a finding; a damaged blob's is followed by one for each version or part that loses by it. */
export const reportFindings = (store: ClosedStore, findings: readonly Finding[]): string => {
  const damaged = findings.flatMap((finding) =>
    finding.kind === 'blob' || finding.kind === 'unlisted' ? [finding.blobId] : [],
  )
  const users = Map.groupBy(findBlobUsers(store.index, damaged), ({ blobId }) => blobId)
  return findings
    .flatMap((finding) => [
      sentence(finding),
      ...('blobId' in finding ? (users.get(finding.blobId) ?? []) : []).map((user) => `  ${nameOf(user)}`),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

/** What was taken out, a line each. */
export const reportDropped = (dropped: readonly BlobUser[]): string =>
  dropped.map((user) => `dropped ${nameOf(user)}\n`).join('')
