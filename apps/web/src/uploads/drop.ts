/** What a drop holds. */
export interface Drop {
  readonly items: readonly {
    readonly entry: FileSystemEntry | null
    /** Where the browser gives handles, files can be read again after a reload. */
    readonly handle: Promise<FileSystemHandle | null> | undefined
  }[]
  readonly files: readonly File[]
}

/** To be read within the event: what it holds is gone afterwards. */
export function readDrop(data: DataTransfer): Drop {
  const items = [...data.items].map((item) => {
    const given = item as DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }
    return { entry: item.webkitGetAsEntry(), handle: given.getAsFileSystemHandle?.() }
  })
  return { items, files: [...data.files] }
}
