import { byteWindow } from './byte-window.ts'
import type { ContentBook } from './content-book.ts'
import { UNKNOWN_TAG } from './key-event.ts'
import type { Action, Conditions, KeyEvent, Outcome, Value } from './key-event.ts'
import { bind, bindTag, currentVersion, findVersion, NULL, refused } from './key-state.ts'
import type { KeyState, ModelVersion } from './key-state.ts'

const MIN_PART = 5 * 1024 ** 2
interface Result {
  readonly state: KeyState
  readonly expected: Outcome
}

const MARKER: Omit<ModelVersion, 'id' | 'writer'> = {
  isMarker: true,
  etag: '',
  encrypted: false,
  tags: '',
  retention: '',
  hold: '',
}

/** The state when the answer is the expected one; symbols among the expected take the values seen. */
const unify = ({ state, expected }: Result, outcome: Outcome): KeyState | undefined => {
  let bound = state
  for (const [name, value] of Object.entries(expected)) {
    const seen = outcome[name]
    if (seen === value) continue
    if (typeof value !== 'string' || !value.startsWith('?') || typeof seen !== 'string') return undefined
    if (seen === NULL || bound.versions.some(({ id }) => id === seen)) return undefined
    bound = bind(bound, value, seen)
  }
  return bound
}

/** `fails`: the refusal of a write, if these conditions refuse it. */
const checkWrite = (state: KeyState, { ifMatch, ifNoneMatch }: Conditions): Outcome | undefined => {
  const current = currentVersion(state)
  if (ifNoneMatch !== undefined && current !== undefined) return refused(412, 'PreconditionFailed')
  if (ifMatch === undefined) return undefined
  if (current === undefined) return refused(404, 'NoSuchKey')
  return ifMatch === '*' || ifMatch === current.etag ? undefined : refused(412, 'PreconditionFailed')
}

/** A new version on top, as the bucket keeps versions. */
const push = (state: KeyState, versioning: KeyEvent['versioning'], version: ModelVersion): KeyState => ({
  ...state,
  versions: [version, ...state.versions.filter(({ id }) => versioning === 'Enabled' || id !== NULL)],
})

const shownId = (versioning: KeyEvent['versioning'], id: string): string | undefined =>
  versioning === 'Unversioned' && id === NULL ? undefined : id

/** A write names no null version. */
const writtenId = (id: string): string | undefined => (id === NULL ? undefined : id)

const add = (state: KeyState, { versioning, name }: KeyEvent, value: Value): Result => {
  const id = versioning === 'Enabled' ? `?${name}` : NULL
  return {
    state: push(state, versioning, { ...value, id, isMarker: false }),
    expected: { status: 200, etag: value.etag, versionId: writtenId(id) },
  }
}

const replace = (state: KeyState, version: ModelVersion): KeyState => ({
  ...state,
  versions: state.versions.map((old) => (old.id === version.id ? version : old)),
})

const countTags = (tags: string): number => (tags === '' ? 0 : tags.split('&').length)

const read = (
  state: KeyState,
  { versioning, outcome }: KeyEvent,
  action: Action & { kind: 'read' },
  contents: ContentBook,
): Result => {
  const refuse = (expected: Outcome): Result => ({
    state,
    expected: action.isHead ? { ...expected, code: undefined } : expected,
  })
  const { versions } = state
  const found = findVersion(state, action.versionId)
  if ('status' in found) {
    const [newest] = versions
    const marker = action.versionId ?? (newest?.isMarker === true ? newest.id : undefined)
    const showsMarker = found.status === 405 || (action.versionId === undefined && marker !== undefined)
    return refuse({
      ...found,
      isMarker: showsMarker ? true : undefined,
      ...(showsMarker ? { versionId: marker } : {}),
    })
  }
  const seenTag = outcome?.['etag']
  const version = found.etag === UNKNOWN_TAG && typeof seenTag === 'string' ? { ...found, etag: seenTag } : found
  const { ifMatch, ifNoneMatch } = action.conditions
  if (version.etag === UNKNOWN_TAG) return { state, expected: { status: outcome?.status ?? 0 } }
  if (ifMatch !== undefined && ifMatch !== version.etag) return refuse(refused(412, 'PreconditionFailed'))
  if (ifNoneMatch === version.etag) return { state, expected: { status: 304, etag: version.etag } }
  const { bytes, partSizes } = contents.of(version.etag)
  const size = bytes.length
  let window = byteWindow(action.range, size)
  if (action.partNumber !== undefined) {
    const sizes = partSizes.length === 0 ? [size] : partSizes
    const start = sizes.slice(0, action.partNumber - 1).reduce((sum, part) => sum + part, 0)
    const length = sizes[action.partNumber - 1]
    if (length === undefined) return refuse(refused(416, 'InvalidPartNumber'))
    window = partSizes.length === 0 && size === 0 ? 'whole' : { start, end: start + length }
  }
  if (window === 'unsatisfiable') return refuse(refused(416, 'InvalidRange'))
  return {
    state: bindTag(state, version.id, version.etag),
    expected: {
      status: window === 'whole' ? 200 : 206,
      code: undefined,
      etag: version.etag,
      versionId: shownId(versioning, version.id),
      writer: version.writer,
      length: window === 'whole' ? size : window.end - window.start,
      contentRange: window === 'whole' ? undefined : `bytes ${window.start}-${window.end - 1}/${size}`,
      encrypted: version.encrypted,
      tagCount: countTags(version.tags),
      retention: version.retention,
      hold: version.hold,
    },
  }
}

const isLocked = ({ retention, hold }: ModelVersion, bypass: boolean): boolean =>
  hold === 'ON' || retention.startsWith('COMPLIANCE') || (retention.startsWith('GOVERNANCE') && !bypass)

const remove = (state: KeyState, event: KeyEvent, action: Action & { kind: 'delete' }): Result => {
  const { versioning, name } = event
  const { versionId, ifMatch, bypass } = action
  const found = findVersion(state, versionId)
  if (ifMatch !== undefined) {
    if ('status' in found) return { state, expected: refused(404, 'NoSuchKey') }
    if (ifMatch !== found.etag) return { state, expected: refused(412, 'PreconditionFailed') }
  }
  if (versionId === undefined) {
    if (versioning === 'Unversioned') {
      const versions = state.versions.filter(({ id }) => id !== NULL)
      return { state: { ...state, versions }, expected: { status: 204, versionId: undefined, isMarker: undefined } }
    }
    const id = versioning === 'Enabled' ? `?${name}` : NULL
    const marker = { ...MARKER, id, writer: name }
    return { state: push(state, versioning, marker), expected: { status: 204, versionId: id, isMarker: true } }
  }
  const target = state.versions.find(({ id }) => id === versionId)
  if (target !== undefined && isLocked(target, bypass)) return { state, expected: refused(403, 'AccessDenied') }
  return {
    state: { ...state, versions: state.versions.filter(({ id }) => id !== versionId) },
    expected: { status: 204, versionId, isMarker: target?.isMarker === true ? true : undefined },
  }
}

/** Whether one retention may take the place of another; both are a mode and a date, or ''. */
const mayRetain = (old: string, wanted: string, bypass: boolean): boolean => {
  const [oldMode = '', oldDate = ''] = old.split(' ')
  const [mode = '', date = ''] = wanted.split(' ')
  if (old === '' || (mode === oldMode && date >= oldDate)) return true
  return oldMode === 'GOVERNANCE' && bypass
}

/** Changes what a version carries. */
const change = (
  state: KeyState,
  versionId: string | undefined,
  alter: (version: ModelVersion) => ModelVersion | Outcome,
  expected: (version: ModelVersion) => Outcome,
): Result => {
  const found = findVersion(state, versionId)
  if ('status' in found) return { state, expected: found }
  const altered = alter(found)
  if ('status' in altered) return { state, expected: altered }
  return { state: replace(state, altered), expected: expected(found) }
}

const NO_UPLOAD = refused(404, 'NoSuchUpload')

const part = (state: KeyState, { uploadId, part: given }: Action & { kind: 'part' }): Result => {
  const upload = state.uploads[uploadId]
  if (upload === undefined) return { state, expected: NO_UPLOAD }
  const parts = [...upload.parts.filter(({ number }) => number !== given.number), given]
  const sorted = parts.toSorted((a, b) => a.number - b.number)
  return {
    state: { ...state, uploads: { ...state.uploads, [uploadId]: { ...upload, parts: sorted } } },
    expected: { status: 200, etag: given.etag },
  }
}

const complete = (
  state: KeyState,
  event: KeyEvent,
  action: Action & { kind: 'complete' },
  contents: ContentBook,
): Result => {
  const { uploadId, parts, ifNoneMatch } = action
  const before = state.completed[uploadId]
  if (before !== undefined) {
    const { etag, versionId } = before
    return { state, expected: { status: 200, etag, versionId: writtenId(versionId) } }
  }
  const upload = state.uploads[uploadId]
  if (upload === undefined) return { state, expected: NO_UPLOAD }
  const failure = checkWrite(state, { ifNoneMatch })
  if (failure !== undefined) return { state, expected: failure }
  const isThere = parts.every((named) =>
    upload.parts.some(({ number, etag }) => number === named.number && etag === named.etag),
  )
  if (!isThere) return { state, expected: refused(400, 'InvalidPart') }
  if (parts.slice(0, -1).some(({ etag }) => contents.of(etag).bytes.length < MIN_PART)) {
    return { state, expected: refused(400, 'EntityTooSmall') }
  }
  const { parts: _stored, ...attributes } = upload
  const etag = contents.join(parts.map((named) => named.etag))
  const { [uploadId]: _ended, ...uploads } = state.uploads
  const added = add({ ...state, uploads }, event, { ...attributes, etag })
  const versionId = event.versioning === 'Enabled' ? `?${event.name}` : NULL
  const completed = { ...state.completed, [uploadId]: { etag, versionId } }
  return { state: { ...added.state, completed }, expected: added.expected }
}

const abort = (state: KeyState, uploadId: string): Result => {
  const { [uploadId]: ended, ...uploads } = state.uploads
  return ended === undefined
    ? { state, expected: NO_UPLOAD }
    : { state: { ...state, uploads }, expected: { status: 204 } }
}

/** The versions shown must be those there are; what was not known of them is known then. */
const matchVersions = (
  state: KeyState,
  { versions: shown }: Action & { kind: 'versions-listed' },
  contents: ContentBook,
): KeyState | undefined => {
  if (shown.length !== state.versions.length) return undefined
  let bound = state
  for (const [at, seen] of shown.entries()) {
    const version = bound.versions[at]
    if (version === undefined || version.isMarker !== seen.isMarker || seen.isLatest !== (at === 0)) return undefined
    if (version.id !== seen.id) {
      if (!version.id.startsWith('?') || seen.id === NULL || bound.versions.some(({ id }) => id === seen.id)) {
        return undefined
      }
      bound = bind(bound, version.id, seen.id)
    }
    if (version.isMarker) continue
    if (version.etag === UNKNOWN_TAG && contents.find(seen.etag) !== undefined) {
      bound = bindTag(bound, seen.id, seen.etag)
    } else if (version.etag !== seen.etag) return undefined
    if (contents.find(seen.etag)?.bytes.length !== seen.size) return undefined
  }
  return bound
}

/** The uploads shown must be those there are. What nobody was told the id of is taken for any of the unknown ones. */
const matchUploads = (state: KeyState, ids: readonly string[]): KeyState | undefined => {
  const known = Object.keys(state.uploads).filter((id) => !id.startsWith('?'))
  const symbols = Object.keys(state.uploads).filter((id) => id.startsWith('?'))
  const news = ids.filter((id) => !known.includes(id))
  if (new Set(ids).size !== known.length + news.length || news.length !== symbols.length) return undefined
  const uploads = Object.entries(state.uploads).map(([id, upload]) => [news[symbols.indexOf(id)] ?? id, upload])
  return { ...state, uploads: Object.fromEntries(uploads) as KeyState['uploads'] }
}

const result = (state: KeyState, event: KeyEvent, contents: ContentBook): Result | KeyState | undefined => {
  const { action, outcome } = event
  switch (action.kind) {
    case 'put': {
      const failure = checkWrite(state, action.conditions)
      return failure === undefined ? add(state, event, action.value) : { state, expected: failure }
    }
    case 'read':
      return read(state, event, action, contents)
    case 'delete':
      return remove(state, event, action)
    case 'tag':
      return change(
        state,
        action.versionId,
        (version) => ({ ...version, tags: action.tags ?? version.tags }),
        ({ tags }) => (action.tags === undefined ? { status: 200, tags } : { status: action.tags === '' ? 204 : 200 }),
      )
    case 'retain':
      return change(
        state,
        action.versionId,
        (version) =>
          mayRetain(version.retention, action.retention, action.bypass)
            ? { ...version, retention: action.retention }
            : refused(403, 'AccessDenied'),
        () => ({ status: 200 }),
      )
    case 'hold':
      return change(
        state,
        action.versionId,
        (version) => ({ ...version, hold: action.hold }),
        () => ({ status: 200 }),
      )
    case 'listed': {
      const current = currentVersion(state)
      if (current === undefined) return { state, expected: { status: 404 } }
      const seen = outcome?.['etag']
      const etag = current.etag === UNKNOWN_TAG && typeof seen === 'string' ? seen : current.etag
      return {
        state: bindTag(state, current.id, etag),
        expected: { status: 200, etag, size: contents.find(etag)?.bytes.length },
      }
    }
    case 'versions-listed':
      return matchVersions(state, action, contents)
    case 'uploads-listed':
      return matchUploads(state, action.ids)
    case 'create-upload': {
      const id = typeof outcome?.['uploadId'] === 'string' ? outcome['uploadId'] : `?${event.name}`
      const upload = { ...action.value, parts: [] }
      return { state: { ...state, uploads: { ...state.uploads, [id]: upload } }, expected: { status: 200 } }
    }
    case 'part':
      return part(state, action)
    case 'parts-listed': {
      const upload = state.uploads[action.uploadId]
      const seen = String(outcome?.['parts']).split(',')
      const shown = upload?.parts.map(({ number, etag }, at) =>
        etag === UNKNOWN_TAG ? (seen[at] ?? '') : `${number}:${etag}:${contents.of(etag).bytes.length}`,
      )
      return { state, expected: shown === undefined ? NO_UPLOAD : { status: 200, parts: shown.join() } }
    }
    case 'complete':
      return complete(state, event, action, contents)
    case 'abort':
      return abort(state, action.uploadId)
    case 'copied': {
      const found = findVersion(state, action.versionId)
      if ('status' in found) {
        return { state, expected: found.status === 405 ? refused(400, 'InvalidRequest') : found }
      }
      if (found.etag === UNKNOWN_TAG) return { state, expected: { status: 200 } }
      // A copy is one piece, however many parts its source has.
      return contents.of(found.etag).md5 === action.etag ? { state, expected: { status: 200 } } : undefined
    }
    case 'slice-copied': {
      const found = findVersion(state, action.versionId)
      if ('status' in found) {
        return { state, expected: found.status === 405 ? refused(400, 'InvalidRequest') : found }
      }
      if (found.etag === UNKNOWN_TAG) return { state, expected: { status: outcome?.status ?? 200 } }
      const { start, end } = action
      if (end > contents.of(found.etag).bytes.length) return { state, expected: refused(416, 'InvalidRange') }
      const etag = contents.sliceTag(found.etag, start, end)
      return outcome?.status !== 200 || etag === action.etag ? { state, expected: { status: 200 } } : undefined
    }
  }
}

/**
 * What a key holds after an event; undefined when the event can't have had that answer. The whole of what the store is
 * held to, for one key.
 */
export const stepKey = (state: KeyState, event: KeyEvent, contents: ContentBook): KeyState | undefined => {
  const found = result(state, event, contents)
  if (found === undefined || !('expected' in found)) return found
  return event.outcome === undefined ? found.state : unify(found, event.outcome)
}
