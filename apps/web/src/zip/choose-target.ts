/** Where a zip file is written to. */
export interface ZipTarget {
  readonly stream: WritableStream<Uint8Array>
  /** Once the stream is closed. */
  finish(): Promise<void>
  /** Deletes what was written. */
  discard(): Promise<void>
}

type SavePicker = (options: {
  readonly suggestedName: string
  readonly types: readonly object[]
}) => Promise<FileSystemFileHandle>

/** Folder of the browser's private files for what is not saved yet. */
const DRAFTS = 'zip-drafts'

/**
 * Where the person says, as the bytes arrive, in browsers that let pages write files. Elsewhere in a private file of the
 * browser, on disk, which is handed to its downloads once it is complete.
 * @returns undefined where the person changed their mind
 */
export async function chooseTarget(name: string): Promise<ZipTarget | undefined> {
  const { showSaveFilePicker: pick } = window as unknown as { showSaveFilePicker?: SavePicker }
  if (!pick) return draft(name)
  try {
    const file = await pick({
      suggestedName: name,
      types: [{ description: 'Zip file', accept: { 'application/zip': ['.zip'] } }],
    })
    return {
      stream: await file.createWritable(),
      finish: async () => undefined,
      // The browser itself drops what was not closed; an empty file of the name stays where it can't be deleted.
      discard: () => (file as { remove?(): Promise<void> }).remove?.().catch(() => undefined) ?? Promise.resolve(),
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    // Where a policy or a frame forbids the dialog, the other way is open still.
    if (error instanceof DOMException && error.name === 'SecurityError') return draft(name)
    throw error
  }
}

async function draft(name: string): Promise<ZipTarget> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle(DRAFTS, { create: true })
  await deleteOld(folder)
  const draftName = `${Date.now()}-${crypto.randomUUID()}`
  const file = await folder.getFileHandle(draftName, { create: true })
  return {
    stream: await file.createWritable(),
    async finish() {
      const url = URL.createObjectURL(await file.getFile())
      const link = document.createElement('a')
      link.href = url
      link.download = name
      link.click()
      // The browser copies it now; it is deleted with the next one.
      setTimeout(() => URL.revokeObjectURL(url), 60_000)
    },
    discard: () => folder.removeEntry(draftName).catch(() => undefined),
  }
}

/** Milliseconds after which a browser has long copied a draft. */
const OLD = 24 * 3_600_000

async function deleteOld(folder: FileSystemDirectoryHandle): Promise<void> {
  for await (const name of folder.keys()) {
    if (Date.now() - Number.parseInt(name, 10) > OLD) await folder.removeEntry(name).catch(() => undefined)
  }
}
