import UploadFileOutlined from '@mui/icons-material/UploadFileOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { upload } from '@skycrate/client/upload'
import { type DragEvent, type ReactElement, useRef, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { formatBytes } from '../format/format-bytes.ts'

interface Item {
  readonly id: number
  readonly file: File
  readonly state: 'waiting' | 'sending' | 'done' | 'failed'
  /** Percent. */
  readonly sent: number
  readonly problem?: string
}

interface DropBoxProps {
  readonly token: string
  readonly pass: string | undefined
  readonly maxSize: number | null
  readonly contentTypes: readonly string[] | null
}

/** Takes files, one after another, and shows nothing of what is there. */
export function DropBox({ token, pass, maxSize, contentTypes }: DropBoxProps): ReactElement {
  const { api } = useApp()
  const input = useRef<HTMLInputElement>(null)
  const [items, setItems] = useState<readonly Item[]>([])
  const [over, setOver] = useState(false)
  const next = useRef(0)
  const queue = useRef(Promise.resolve())

  const change = (id: number, to: Partial<Item>): void =>
    setItems((before) => before.map((item) => (item.id === id ? { ...item, ...to } : item)))

  async function send({ id, file }: Item): Promise<void> {
    change(id, { state: 'sending', sent: 0 })
    const contentType = file.type || 'application/octet-stream'
    try {
      await upload(
        () =>
          api.request('uploadShared', {
            params: { token },
            body: { name: file.name, size: file.size, contentType, ...(pass !== undefined && { pass }) },
          }),
        fetch,
        file,
        {
          // Where it goes, the server decides.
          bucket: '',
          key: '',
          contentType,
          onProgress: (sent, total) => change(id, { sent: total === 0 ? 100 : (100 * sent) / total }),
        },
      )
      change(id, { state: 'done', sent: 100 })
    } catch (error) {
      change(id, { state: 'failed', problem: problemOf(error) })
    }
  }

  const start = (item: Item): void => {
    queue.current = queue.current.then(() => send(item))
  }

  const add = (files: readonly File[]): void => {
    const added = files.map((file): Item => {
      const item = { id: next.current++, file, sent: 0 }
      const problem =
        maxSize !== null && file.size > maxSize ? `A file may have at most ${formatBytes(maxSize)}.` : undefined
      return problem === undefined ? { ...item, state: 'waiting' } : { ...item, state: 'failed', problem }
    })
    setItems((before) => [...before, ...added])
    for (const item of added) if (item.state === 'waiting') start(item)
  }

  const onDrag = (event: DragEvent): void => {
    event.preventDefault()
    setOver(event.type === 'dragover')
    if (event.type === 'drop') add([...event.dataTransfer.files])
  }
  const limits = [
    maxSize === null ? '' : `at most ${formatBytes(maxSize)} each`,
    contentTypes === null ? '' : contentTypes.join(', '),
  ].filter((limit) => limit !== '')
  return (
    <>
      <Box
        onDragOver={onDrag}
        onDragLeave={onDrag}
        onDrop={onDrag}
        sx={{
          display: 'flex',
          flexDirection: 'column',
          alignItems: 'center',
          gap: 1,
          p: 4,
          textAlign: 'center',
          border: 2,
          borderStyle: 'dashed',
          borderColor: over ? 'primary.main' : 'divider',
          borderRadius: 1.5,
        }}
      >
        <UploadFileOutlined sx={{ fontSize: 44, color: 'text.secondary' }} />
        <Button variant="contained" onClick={() => input.current?.click()}>
          Choose files
        </Button>
        <Typography variant="body2" color="textSecondary">
          or drop them here{limits.length > 0 && ` (${limits.join('; ')})`}
        </Typography>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Files"
          {...(contentTypes !== null && { accept: contentTypes.join(',') })}
          onChange={(event) => {
            add([...(event.target.files ?? [])])
            // The same file can be chosen again.
            event.target.value = ''
          }}
        />
      </Box>
      {items.length > 0 && (
        <Box component="ul" aria-label="Uploads" sx={{ m: 0, p: 0, listStyle: 'none' }}>
          {items.map((item) => (
            <Box component="li" key={item.id} sx={{ py: 1, minWidth: 0 }}>
              <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', typography: 'body2' }}>
                <Box sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>{item.file.name}</Box>
                <Box
                  component="span"
                  role="status"
                  sx={{ color: item.state === 'failed' ? 'error.main' : 'text.secondary' }}
                >
                  {WORDS[item.state]}
                </Box>
                {item.state === 'failed' && !(maxSize !== null && item.file.size > maxSize) && (
                  <Button size="small" aria-label={`Try ${item.file.name} again`} onClick={() => start(item)}>
                    Try again
                  </Button>
                )}
              </Box>
              {item.problem !== undefined && item.state === 'failed' && (
                <Typography variant="caption" color="error" component="div">
                  {item.problem}
                </Typography>
              )}
              {item.state === 'sending' && (
                <LinearProgress variant="determinate" value={item.sent} aria-label={`Uploading ${item.file.name}`} />
              )}
            </Box>
          ))}
        </Box>
      )}
    </>
  )
}

const WORDS = { waiting: 'Waiting', sending: 'Uploading', done: 'Uploaded', failed: 'Not uploaded' } as const

function problemOf(error: unknown): string {
  if (!(error instanceof SkyCrateError)) return 'Something went wrong. Try again.'
  const [first] = error.errors
  if (first?.path === '/contentType') return 'Files of this type are not accepted here.'
  return error.detail ?? error.title
}
