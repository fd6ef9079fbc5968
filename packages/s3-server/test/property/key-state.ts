import { UNKNOWN_TAG } from './key-event.ts'
import type { NamedPart, Outcome, Value } from './key-event.ts'

/** A version or delete marker. An id that begins with `?` was never told to anybody yet. */
export interface ModelVersion extends Value {
  readonly id: string
  readonly isMarker: boolean
}

interface ModelUpload extends Omit<Value, 'etag'> {
  /** In order of their numbers. */
  readonly parts: readonly NamedPart[]
}

/** All that one key holds. */
export interface KeyState {
  /** Newest first. */
  readonly versions: readonly ModelVersion[]
  readonly uploads: Readonly<Record<string, ModelUpload>>
  /** The answers of completed uploads, which asking again repeats. */
  readonly completed: Readonly<Record<string, { readonly etag: string; readonly versionId: string }>>
}

export const EMPTY_KEY: KeyState = { versions: [], uploads: {}, completed: {} }

/** The id of what is put while versions are off or suspended. */
export const NULL = 'null'

/** Puts a symbol's true value in its place. */
export const bind = (state: KeyState, symbol: string, id: string): KeyState => ({
  ...state,
  versions: state.versions.map((version) => (version.id === symbol ? { ...version, id } : version)),
  completed: Object.fromEntries(
    Object.entries(state.completed).map(([upload, answer]) => [
      upload,
      answer.versionId === symbol ? { ...answer, versionId: id } : answer,
    ]),
  ),
})

/** What the current version's tag is now known to be. */
export const bindTag = (state: KeyState, id: string, etag: string): KeyState => ({
  ...state,
  versions: state.versions.map((version) =>
    version.id === id && version.etag === UNKNOWN_TAG ? { ...version, etag } : version,
  ),
})

/** The current version; undefined when there is none or a marker hides it. */
export const currentVersion = ({ versions: [newest] }: KeyState): ModelVersion | undefined =>
  newest?.isMarker === true ? undefined : newest

export const refused = (status: number, code: string): Outcome => ({ status, code })

/** The version that a request is about, or why there is none. */
export const findVersion = (state: KeyState, versionId: string | undefined): ModelVersion | Outcome => {
  if (versionId === undefined) return currentVersion(state) ?? refused(404, 'NoSuchKey')
  const found = state.versions.find(({ id }) => id === versionId)
  if (found === undefined) return refused(404, 'NoSuchVersion')
  return found.isMarker ? refused(405, 'MethodNotAllowed') : found
}
