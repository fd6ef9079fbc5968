import type { StorageStats } from '@skycrate/contract/storage/schemas'
import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatTime } from '../format/format-time.ts'
import { Card } from '../ui/card.tsx'

const SHOWN = 8

type Named = StorageStats['largest'][number]

function Objects({ objects, text }: { readonly objects: readonly Named[]; readonly text: (object: Named) => string }) {
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
      {objects.slice(0, SHOWN).map((object) => (
        <Box
          component="li"
          key={`${object.bucket} ${object.key}`}
          sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, py: 0.5, typography: 'body2' }}
        >
          <Box sx={{ minWidth: 0, overflowWrap: 'anywhere' }}>{object.key}</Box>
          <Box sx={{ flexShrink: 0 }}>{text(object)}</Box>
        </Box>
      ))}
    </Box>
  )
}

/** Objects worth a look. */
export function FindingsSection({ stats }: { readonly stats: StorageStats }): ReactElement {
  const { neverRead, duplicates } = stats
  return (
    <>
      <Card title="Largest">
        <Objects objects={stats.largest} text={({ size }) => formatBytes(size)} />
      </Card>
      <Card title="Oldest">
        <Objects objects={stats.oldest} text={({ lastModified }) => formatTime(lastModified)} />
      </Card>
      <Card title="Never downloaded">
        <Typography variant="body2" sx={{ mb: 1 }}>
          {counted(neverRead.objects, 'object')}, {formatBytes(neverRead.bytes)}, as far as the audit log goes back.
          Downloads by temporary credentials are not in it.
        </Typography>
        <Objects objects={neverRead.largest} text={({ size }) => formatBytes(size)} />
      </Card>
      <Card title="Duplicates">
        <Typography variant="body2">
          {counted(duplicates.objects, 'object')} more than needed, {formatBytes(duplicates.bytes)}.
        </Typography>
        <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
          {duplicates.groups.slice(0, SHOWN).map(({ bucket, etag, size, count, keys }) => (
            <Box
              component="li"
              key={`${bucket} ${etag} ${size}`}
              sx={{ py: 0.5, typography: 'body2', overflowWrap: 'anywhere' }}
            >
              {count} × {formatBytes(size)}: {keys.slice(0, 3).join(', ')}
            </Box>
          ))}
        </Box>
      </Card>
    </>
  )
}
