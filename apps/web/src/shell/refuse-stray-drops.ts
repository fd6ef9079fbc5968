/**
 * Where a page takes no files, the browser would leave it and open what was dropped. A page that takes them listens on
 * the window, which comes after the document, and has the last word.
 */
export function refuseStrayDrops(): void {
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'none'
  })
  document.addEventListener('drop', (event) => {
    if (hasFiles(event)) event.preventDefault()
  })
}
