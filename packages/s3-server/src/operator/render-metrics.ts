import { statfs } from 'node:fs/promises'
import type { RunningS3Server } from '../server.ts'
import type { Metrics } from './metrics.ts'

/** What `/metrics` says of a server: what was counted, and how it stands now. */
export const renderMetrics = async (metrics: Metrics, server: RunningS3Server, dataDir: string): Promise<string> => {
  const { connections, refusedConnections, scrub, deliveries } = server.status()
  const disk = await statfs(dataDir).catch(() => undefined)
  return metrics.render({
    connections,
    refusedConnections,
    diskFreeBytes: disk && disk.bavail * disk.bsize,
    diskBytes: disk && disk.blocks * disk.bsize,
    damagedBlobs: scrub.damaged,
    scrubbedAt: scrub.finishedAt,
    deliveries,
  })
}
