import { recordUploads, recordVersions } from './list-operations.ts'
import type { Place } from './place.ts'
import { pathOf } from './world.ts'
import type { World } from './world.ts'

const readVersion = async (world: World, place: Place, versionId: string | undefined): Promise<void> => {
  const query: [string, string][] = versionId === undefined ? [] : [['versionId', versionId]]
  const exchange = await world.send({ path: pathOf(place), query })
  world.record(place, exchange, world.nextName(), {
    kind: 'read',
    isHead: false,
    versionId,
    range: undefined,
    partNumber: undefined,
    conditions: {},
  })
  if (exchange.answer?.status === 200) world.checkBody(pathOf(place), exchange.answer)
}

/** After a crash: lists everything and reads what is current, so that what it left open is known. */
export const settle = async (world: World): Promise<void> => {
  for (const bucket of world.buckets) {
    await recordVersions(world, bucket)
    await recordUploads(world, bucket)
    for (const place of bucket.places) await readVersion(world, place, undefined)
  }
}

/** Reads every version there is to its last byte. */
export const readEverything = async (world: World): Promise<void> => {
  for (const bucket of world.buckets) {
    const rows = await recordVersions(world, bucket)
    for (const place of bucket.places) {
      const kept = rows.filter(({ key, isMarker }) => key === place.key && !isMarker)
      for (const { id } of kept) await readVersion(world, place, id)
    }
  }
}
