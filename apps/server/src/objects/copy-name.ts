/**
 * The name of another object beside one that is there already: `a/report.pdf` → `a/report (1).pdf`. The web app's uploads
 * name theirs alike (`apps/web/src/uploads/copy-name.ts`).
 *
 * @param count from 1
 */
export function copyName(key: string, count: number): string {
  const end = key.endsWith('/') ? key.length - 1 : key.length
  const start = key.lastIndexOf('/', end - 1) + 1
  const dot = key.lastIndexOf('.', end - 1)
  const cut = dot > start ? dot : end
  return `${key.slice(0, cut)} (${count})${key.slice(cut)}`
}
