import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { mailQuery } from './mail-queries.ts'
import { Outbox } from './outbox.tsx'
import { SmtpState } from './smtp-state.tsx'

export function MailPage(): ReactElement {
  const { api } = useApp()
  const query = useQuery(mailQuery(api))
  const isOutbox = query.data?.delivery === 'outbox'
  return (
    <Page
      title="Mail"
      description={
        isOutbox
          ? 'No SMTP server is configured, so mails are kept here. Each stays until its code or link expires. The audit log records who reads them.'
          : 'Whether mails reach the SMTP server.'
      }
      actions={isOutbox ? undefined : <RefreshButton query={query} />}
    >
      <QueryState query={query}>
        {(state) => (state.delivery === 'outbox' ? <Outbox /> : <SmtpState state={state} />)}
      </QueryState>
    </Page>
  )
}
