import Box from '@mui/material/Box'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import { type ReactElement, useEffect, useRef, useState } from 'react'

interface PdfPageProps {
  readonly document: PDFDocumentProxy
  readonly number: number
  /** Width by height, until the page is known. */
  readonly ratio: number
}

const HIDDEN = { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' } as const

/** Drawn once it comes near, and let go of when it is far again: hundreds of canvases would fill the memory. */
export function PdfPage({ document, number, ratio }: PdfPageProps): ReactElement {
  const frame = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [near, setNear] = useState(false)
  const [text, setText] = useState('')
  const [shape, setShape] = useState(ratio)

  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false), {
      rootMargin: '1000px',
    })
    if (frame.current) observer.observe(frame.current)
    return () => observer.disconnect()
  }, [])

  useEffect(() => {
    if (!near) return undefined
    let stopped = false
    let stop = (): void => undefined
    const draw = async (): Promise<void> => {
      const page = await document.getPage(number)
      const [whole, target] = [page.getViewport({ scale: 1 }), canvas.current]
      if (stopped || !target) return
      setShape(whole.width / whole.height)
      const scale = ((frame.current?.clientWidth ?? whole.width) / whole.width) * Math.min(devicePixelRatio, 2)
      const viewport = page.getViewport({ scale })
      target.width = Math.floor(viewport.width)
      target.height = Math.floor(viewport.height)
      const task = page.render({ canvas: target, viewport })
      stop = () => task.cancel()
      await task.promise
      const { items } = await page.getTextContent()
      if (!stopped) setText(items.map((item) => ('str' in item ? item.str : '')).join(' '))
    }
    // A page that can't be drawn stays white; the others are shown.
    draw().catch(() => undefined)
    return () => {
      stopped = true
      stop()
    }
  }, [near, document, number])

  return (
    <Box
      ref={frame}
      component="section"
      aria-label={`Page ${number}`}
      sx={{
        position: 'relative',
        maxWidth: 900,
        mx: 'auto',
        mb: 2,
        aspectRatio: String(shape),
        bgcolor: '#fff',
        boxShadow: 1,
        overflow: 'hidden',
      }}
    >
      {near && <Box component="canvas" ref={canvas} aria-hidden sx={{ width: 1, height: 1, display: 'block' }} />}
      <Box sx={{ ...HIDDEN, color: '#000' }}>{text}</Box>
    </Box>
  )
}
