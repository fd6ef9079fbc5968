/**
 * The name of another file beside one that is there already: `report.pdf` → `report (1).pdf`. The folders of a path stay.
 *
 * @param count from 1
 */
export function copyName(path: string, count: number): string {
  const start = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  const end = dot > start ? dot : path.length
  return `${path.slice(0, end)} (${count})${path.slice(end)}`
}
