import type { S3Notice } from '@skycrate/s3-server/notice'

interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly fields: Record<string, unknown>
  readonly message: string
}

/** What the log says of what the embedded store noticed by itself. */
export function storeNotice(notice: S3Notice, namesKeys: boolean): LogLine {
  switch (notice.kind) {
    case 'damage': {
      const { blobId, damage, users } = notice.finding
      const losing = users.map(({ key, ...user }) => (namesKeys ? { key, ...user } : user))
      return {
        level: 'error',
        fields: { blobId, damage, users: losing },
        message: 'the embedded S3 store found damage',
      }
    }
    case 'issuer': {
      const { reason, cause } = notice
      return { level: 'warn', fields: { reason, cause }, message: 'the embedded S3 store can not verify tokens' }
    }
    case 'delivery': {
      const { note } = notice
      const level = note.kind === 'dropped' ? 'error' : note.kind === 'failing' ? 'warn' : 'info'
      return { level, fields: { ...note }, message: 'events of the embedded S3 store' }
    }
  }
}
