import { binOf } from '@skycrate/core/economics/size-bins'
import { type Cell, countedDay } from '@skycrate/core/economics/forecast'
import type { State } from '@skycrate/core/economics/simulate'
import type { InventoryItem } from '../stores/inventory-store.ts'
import { detached } from './detached.ts'
import { Duplicates } from './duplicates.ts'
import { addToFolder, emptyFolder, type FolderTotals } from './folder-totals.ts'

const DAY_MS = 86_400_000
/** Folders at the top of a bucket that advice is given for by themselves. */
export const MAX_PARTS = 24
const STATES: readonly State[] = ['current', 'noncurrent', 'upload']
const BINS = 16
/** Days that a number of a cell has room for. */
const DAYS = 2 ** 16

type MutableCell = { -readonly [Name in keyof Cell]: Cell[Name] }

type SavedCell = readonly [
  storageClass: number,
  state: number,
  day: number,
  bin: number,
  count: number,
  bytes: number,
  reads: number,
  readBytes: number,
]

/** What of a tally goes into a checkpoint. */
export interface SavedTally {
  readonly folders: readonly FolderTotals[]
  readonly classes: readonly string[]
  readonly parts: readonly { readonly prefix: string; readonly cells: readonly SavedCell[] }[]
  readonly duplicates: ReturnType<Duplicates['toJSON']>
  readonly items: number
  readonly secondLevel: number
}

export interface TallyOptions {
  /** The day of the inventory, since 1970. */
  readonly today: number
  /** Folders below the second level that are counted too: places of permissions and homes. */
  readonly places: ReadonlySet<string>
  /** Of the second level, beside the places; the levels above are always counted. */
  readonly maxFolders: number
}

/** Adds up an inventory. Its memory depends on folders, days and sizes, never on how many objects there are. */
export class InventoryTally {
  readonly #options: TallyOptions
  readonly #folders = new Map<string, FolderTotals>()
  readonly #parts = new Map<string, Map<number, MutableCell>>()
  readonly #classes: string[] = []
  readonly #duplicates: Duplicates
  #items: number
  #secondLevel = 0
  /** The folder of the object before, and what it is counted in: neighbours are mostly of one folder. */
  #last = ''
  #lastFolders: FolderTotals[] = []
  #lastPart: Map<number, MutableCell>

  constructor(options: TallyOptions, saved?: SavedTally) {
    this.#options = options
    for (const folder of saved?.folders ?? []) this.#folders.set(folder.prefix, folder)
    if (saved === undefined) this.#folders.set('', emptyFolder('', true))
    this.#classes.push(...(saved?.classes ?? []))
    for (const { prefix, cells } of saved?.parts ?? []) {
      const part = new Map<number, MutableCell>()
      for (const [of, at, day, bin, count, bytes, reads, readBytes] of cells) {
        const [storageClass, state] = [this.#classes[of]!, STATES[at]!]
        const cell = { storageClass, state, day, bin, count, bytes, reads, readBytes }
        part.set(this.#number(storageClass, state, bin, day), cell)
      }
      this.#parts.set(prefix, part)
    }
    this.#duplicates = new Duplicates(saved?.duplicates)
    this.#items = saved?.items ?? 0
    this.#secondLevel = saved?.secondLevel ?? 0
    this.#lastPart = this.#part('')
    this.#lastFolders = [this.#folders.get('')!]
  }

  get items(): number {
    return this.#items
  }

  /** Bytes from which `add` looks at an ETag. */
  get leastDuplicate(): number {
    return this.#duplicates.least
  }

  /** @param reads of the last days; undefined: the audit log tells of no read of it at all */
  add(item: InventoryItem, reads: number | undefined): void {
    this.#items += 1
    const { key } = item
    const slash = key.lastIndexOf('/')
    if (slash + 1 !== this.#last.length || !key.startsWith(this.#last)) this.#enter(key.slice(0, slash + 1))
    for (const folder of this.#lastFolders) addToFolder(folder, item, reads !== undefined)
    const { place, size, storageClass } = item
    if (place === 'marker') return
    const written = Math.floor((place === 'noncurrent' ? item.since : item.modified) / DAY_MS)
    const day = countedDay(written, this.#options.today)
    const bin = binOf(size)
    const number = this.#number(storageClass, place, bin, day)
    let cell = this.#lastPart.get(number)
    if (cell === undefined) {
      cell = {
        storageClass: this.#classes[this.#classes.indexOf(storageClass)]!,
        state: place,
        day,
        bin,
        count: 0,
        bytes: 0,
        reads: 0,
        readBytes: 0,
      }
      this.#lastPart.set(number, cell)
    }
    cell.count += 1
    cell.bytes += size
    if (place !== 'current') return
    cell.reads += reads ?? 0
    cell.readBytes += (reads ?? 0) * size
    this.#duplicates.add(key, size, item.etag)
  }

  #number(storageClass: string, state: State, bin: number, day: number): number {
    let at = this.#classes.indexOf(storageClass)
    if (at === -1) at = this.#classes.push(detached(storageClass)) - 1
    return ((at * STATES.length + STATES.indexOf(state)) * BINS + bin) * DAYS + (day & (DAYS - 1))
  }

  #part(prefix: string): Map<number, MutableCell> {
    let part = this.#parts.get(prefix)
    if (part === undefined) {
      if (this.#parts.size > MAX_PARTS) return this.#part('')
      this.#parts.set(detached(prefix), (part = new Map()))
    }
    return part
  }

  /** @param folder '' or a path that ends in '/' */
  #enter(folder: string): void {
    const { places, maxFolders } = this.#options
    this.#last = folder
    this.#lastFolders = [this.#folders.get('')!]
    const first = folder.indexOf('/') + 1
    this.#lastPart = this.#part(folder.slice(0, first))
    let depth = 0
    for (let end = first; end > 0; end = folder.indexOf('/', end) + 1) {
      depth += 1
      const prefix = folder.slice(0, end)
      let totals = this.#folders.get(prefix)
      if (totals === undefined) {
        const isPlace = places.has(prefix)
        if (depth > 2 && !isPlace) continue
        if (!isPlace && this.#secondLevel >= maxFolders) continue
        if (!isPlace) this.#secondLevel += 1
        const name = detached(prefix)
        this.#folders.set(name, (totals = emptyFolder(name, isPlace)))
      }
      this.#lastFolders.push(totals)
    }
  }

  /**
   * Takes out the folders that nothing more can come into, where keys come in order.
   * @param key the last one that was added
   */
  closed(key: string): FolderTotals[] {
    const bytes = Buffer.from(key)
    const isOver = ({ prefix }: FolderTotals): boolean =>
      prefix !== '' && !key.startsWith(prefix) && Buffer.compare(Buffer.from(prefix), bytes) < 0
    const done = [...this.#folders.values()].filter(isOver)
    for (const { prefix } of done) this.#folders.delete(prefix)
    // The folders of the next object are looked up anew.
    if (done.length > 0) this.#enter(this.#last)
    return done
  }

  folders(): FolderTotals[] {
    return [...this.#folders.values()]
  }

  parts(): { prefix: string; cells: Cell[] }[] {
    return [...this.#parts].map(([prefix, cells]) => ({ prefix, cells: [...cells.values()] }))
  }

  duplicates(limit: number): ReturnType<Duplicates['found']> {
    return this.#duplicates.found(limit)
  }

  save(): SavedTally {
    return {
      folders: this.folders(),
      classes: this.#classes,
      parts: this.parts().map(({ prefix, cells }) => ({
        prefix,
        cells: cells.map((cell): SavedCell => {
          const { storageClass, state, day, bin, count, bytes, reads, readBytes } = cell
          return [this.#classes.indexOf(storageClass), STATES.indexOf(state), day, bin, count, bytes, reads, readBytes]
        }),
      })),
      duplicates: this.#duplicates.toJSON(),
      items: this.#items,
      secondLevel: this.#secondLevel,
    }
  }
}
