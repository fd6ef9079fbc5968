export interface Tile {
  readonly index: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Fills a rectangle with tiles as large as their values, as square as they come in rows.
 * @param values descending
 * @see Bruls, Huizing, van Wijk: Squarified Treemaps (2000)
 */
export function treemapLayout(values: readonly number[], width: number, height: number): Tile[] {
  const total = values.reduce((sum, value) => sum + value, 0)
  if (total <= 0) return []
  const scale = (width * height) / total
  const tiles: Tile[] = []
  let [x, y, w, h] = [0, 0, width, height]
  let start = 0
  while (start < values.length && values[start]! > 0) {
    const side = Math.min(w, h)
    let end = start + 1
    let sum = values[start]! * scale
    let worst = worstOf(values, start, end, sum, side, scale)
    while (end < values.length && values[end]! > 0) {
      const next = worstOf(values, start, end + 1, sum + values[end]! * scale, side, scale)
      if (next > worst) break
      sum += values[end]! * scale
      worst = next
      end += 1
    }
    const thickness = side === 0 ? 0 : sum / side
    let along = 0
    for (let index = start; index < end; index++) {
      const length = thickness === 0 ? 0 : (values[index]! * scale) / thickness
      tiles.push(
        w >= h
          ? { index, x, y: y + along, width: thickness, height: length }
          : { index, x: x + along, y, width: length, height: thickness },
      )
      along += length
    }
    if (w >= h) [x, w] = [x + thickness, w - thickness]
    else [y, h] = [y + thickness, h - thickness]
    start = end
  }
  return tiles
}

/** The ratio of the sides of the longest tile of a row. */
function worstOf(
  values: readonly number[],
  start: number,
  end: number,
  sum: number,
  side: number,
  scale: number,
): number {
  const [largest, least] = [values[start]! * scale, values[end - 1]! * scale]
  return Math.max((side ** 2 * largest) / sum ** 2, sum ** 2 / (side ** 2 * least))
}
