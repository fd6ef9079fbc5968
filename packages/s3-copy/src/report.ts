import { closeSync, createReadStream, existsSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Attribute } from './attributes.ts'

/** One line of the report, a JSON object. */
export type ReportLine =
  | {
      readonly kind: 'version'
      readonly status: 'copied' | 'present' | 'missing' | 'differs' | 'gone' | 'would copy'
      readonly bucket: string
      readonly key: string
      readonly versionId: string | undefined
      readonly isMarker: boolean
      readonly size: number
      readonly toBucket: string
      readonly toKey: string
      readonly toVersionId?: string | undefined
      readonly verifiedBy?: string | undefined
      readonly lost?: readonly Attribute[]
      readonly reason?: string
    }
  | {
      readonly kind: 'extra'
      readonly toBucket: string
      readonly toKey: string
      readonly toVersionId: string | undefined
      readonly isMarker: boolean
    }
  | {
      readonly kind: 'setting'
      /** `left out`: as wished, or since the bucket becomes a part of another, which has settings of its own. */
      readonly status: 'applied' | 'present' | 'missing' | 'differs' | 'left out' | 'would apply'
      readonly bucket: string
      readonly toBucket: string
      readonly setting: string
      readonly reason?: string
      readonly source?: unknown
      readonly target?: unknown
    }
  | { readonly kind: 'bucket'; readonly status: 'missing'; readonly bucket: string; readonly reason: string }
  | { readonly kind: 'unfinished upload'; readonly bucket: string; readonly key: string; readonly uploadId: string }
  | {
      /** The copy of a multipart object has begun; a later run goes on with it. */
      readonly kind: 'upload'
      readonly bucket: string
      readonly key: string
      readonly versionId: string | undefined
      readonly toBucket: string
      readonly toKey: string
      readonly uploadId: string
    }

export interface Report extends Disposable {
  /** Appends a line; it is with the operating system when this returns, so that it outlives the program. */
  write(line: ReportLine): void
  /** The upload that an earlier run has begun for a version and not ended. */
  findUpload(name: UploadName): string | undefined
}

export interface UploadName {
  readonly bucket: string
  readonly key: string
  readonly versionId: string | undefined
  readonly toBucket: string
  readonly toKey: string
}

const nameOf = ({ bucket, key, versionId, toBucket, toKey }: UploadName): string =>
  JSON.stringify([bucket, key, versionId, toBucket, toKey])

/** Undefined for half a line, as a run that was killed may have left it. */
const parseLine = (text: string): ReportLine | undefined => {
  try {
    return JSON.parse(text) as ReportLine
  } catch {
    return undefined
  }
}

const follow = (uploads: Map<string, string>, line: ReportLine): void => {
  if (line.kind === 'upload') uploads.set(nameOf(line), line.uploadId)
  else if (line.kind === 'version' && line.status === 'copied' && uploads.size > 0) uploads.delete(nameOf(line))
}

/** Uploads without an end in the report of earlier runs. */
const readUploads = async (path: string): Promise<Map<string, string>> => {
  const uploads = new Map<string, string>()
  if (!existsSync(path)) return uploads
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const line = parseLine(text)
    if (line !== undefined) follow(uploads, line)
  }
  return uploads
}

/** Whether the last run was cut off in the midst of a line. */
const endsInLine = (file: number): boolean => {
  const { size } = fstatSync(file)
  const last = Buffer.alloc(1)
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== '\n'
}

/** @param path made where it is missing, else appended to */
export const openReport = async (path: string): Promise<Report> => {
  const uploads = await readUploads(path)
  const file = openSync(path, 'a+', 0o600)
  if (endsInLine(file)) writeSync(file, '\n')
  return {
    write: (line) => {
      follow(uploads, line)
      writeSync(file, `${JSON.stringify(line)}\n`)
    },
    findUpload: (name) => uploads.get(nameOf(name)),
    [Symbol.dispose]: () => {
      closeSync(file)
    },
  }
}
