import Box from '@mui/material/Box'
import MuiLink from '@mui/material/Link'
import type { ReactElement } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'

/** Only what leads out of the app is a link: whoever wrote the file does not lead people around in it. */
const isOutside = (href: string | undefined): href is string => /^(https?:\/\/|mailto:)/i.test(href ?? '')

const PARTS: Components = {
  a: ({ href, children }) =>
    isOutside(href) ? (
      <MuiLink href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </MuiLink>
    ) : (
      <>{children}</>
    ),
  // A picture from elsewhere would tell its owner who reads this.
  img: ({ alt }) => (
    <Box component="span" sx={{ color: 'text.secondary' }}>
      [picture{alt === undefined || alt === '' ? '' : `: ${alt}`}]
    </Box>
  ),
  input: ({ checked }) => <>{checked ? '☑ ' : '☐ '}</>,
}

/** HTML in the text is shown as text. */
export function MarkdownText({ text }: { readonly text: string }): ReactElement {
  return (
    <Box
      sx={{
        maxWidth: 760,
        mx: 'auto',
        overflowWrap: 'anywhere',
        '& pre': { p: 1.5, borderRadius: 1, bgcolor: 'action.hover', whiteSpace: 'pre-wrap' },
        '& code': { fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace', fontSize: '0.875em' },
        '& table': { borderCollapse: 'collapse' },
        '& th, & td': { border: 1, borderColor: 'divider', px: 1, py: 0.5 },
        '& blockquote': { m: 0, pl: 2, borderLeft: 3, borderColor: 'divider', color: 'text.secondary' },
        '& h1': { fontSize: '1.5rem' },
        '& h2': { fontSize: '1.25rem' },
        '& h3': { fontSize: '1.0625rem' },
        '& hr': { border: 0, borderTop: 1, borderColor: 'divider' },
        '& .contains-task-list': { listStyle: 'none', pl: 1 },
      }}
    >
      <Markdown remarkPlugins={[remarkGfm]} components={PARTS}>
        {text}
      </Markdown>
    </Box>
  )
}
