import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import { type ReactElement, useState } from 'react'
import { DeliveryDialog } from './delivery-dialog.tsx'
import { Lines, Section } from './section.tsx'

/** How files get from the bucket to clients where that is not directly. */
export function DeliverySection({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const { accelerated, delivery } = bucket
  const [changing, setChanging] = useState(false)
  return (
    <Section
      title="Delivery"
      action={
        bucket.state === 'ready' && (
          <Button size="small" onClick={() => setChanging(true)}>
            Change
          </Button>
        )
      }
    >
      {delivery === null && !accelerated ? (
        <Typography variant="body2" color="textSecondary">
          Files go directly between clients and the store.
        </Typography>
      ) : (
        <Lines
          rows={[
            ...(delivery === null
              ? []
              : [
                  { key: 'url', first: 'CloudFront', last: delivery.url },
                  { key: 'key', first: 'Key', last: delivery.keyId },
                  { key: 'domain', first: 'Cookies for', last: delivery.cookieDomain ?? 'No domain' },
                ]),
            ...(accelerated ? [{ key: 'accelerated', first: 'S3 Transfer Acceleration', last: 'On' }] : []),
          ]}
        />
      )}
      {changing && <DeliveryDialog bucket={bucket} onClose={() => setChanging(false)} />}
    </Section>
  )
}
