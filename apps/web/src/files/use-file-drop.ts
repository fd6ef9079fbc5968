import { useEffect, useEffectEvent, useState } from 'react'
import { readDrop } from '../uploads/drop.ts'
import type { Chosen } from '../uploads/new-upload.ts'

/**
 * Takes files dropped anywhere in the window.
 * @returns whether files hang over it
 */
export function useFileDrop(
  enabled: boolean,
  onDrop: (dropped: Chosen) => void,
  onFailed: (error: unknown) => void,
): boolean {
  const [over, setOver] = useState(false)
  const take = useEffectEvent(onDrop)
  const fail = useEffectEvent(onFailed)
  const allowed = useEffectEvent(() => enabled)

  useEffect(() => {
    // Each element under the pointer is entered and left by itself.
    let depth = 0
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const onEnter = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      depth += 1
      setOver(allowed())
    }
    const onLeave = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setOver(false)
    }
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event) || !event.dataTransfer) return
      event.preventDefault()
      event.dataTransfer.dropEffect = allowed() ? 'copy' : 'none'
    }
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event) || !event.dataTransfer) return
      event.preventDefault()
      depth = 0
      setOver(false)
      if (!allowed()) return
      const drop = readDrop(event.dataTransfer)
      import('../uploads/dropped-files.ts')
        .then(({ droppedFiles }) => droppedFiles(drop))
        .then((dropped) => take(dropped))
        .catch((error: unknown) => fail(error))
    }
    window.addEventListener('dragenter', onEnter)
    window.addEventListener('dragleave', onLeave)
    window.addEventListener('dragover', onOver)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragenter', onEnter)
      window.removeEventListener('dragleave', onLeave)
      window.removeEventListener('dragover', onOver)
      window.removeEventListener('drop', onDrop)
    }
  }, [])
  return over
}
