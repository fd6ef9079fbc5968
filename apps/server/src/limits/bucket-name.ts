import { hash } from 'node:crypto'

/** What a bucket is called in the database: of one length, and without the e-mail or address that it is for. */
export const bucketName = (limit: string, name: string): string => hash('sha256', `${limit}\n${name}`, 'base64url')
