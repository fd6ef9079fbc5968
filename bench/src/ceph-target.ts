import { cephInstalled, startCeph } from '@skycrate/conformance/engines/ceph-rgw.ts'
import { makeBucket } from './store-process.ts'
import { s3Target, type StoreTarget } from './store-target.ts'

/** Bytes of the file that is Ceph's disk. It is sparse: what is written is what it takes. */
const DISK_BYTES = 24 * 1024 ** 3

/**
 * A Ceph RADOS Gateway with one OSD, which keeps its objects with BlueStore in a file in `directory`.
 * @returns undefined where Ceph is not installed
 */
export async function startCephTarget(directory: string): Promise<(AsyncDisposable & StoreTarget) | undefined> {
  if (!cephInstalled()) return undefined
  const ceph = await startCeph({ directory, diskBytes: DISK_BYTES })
  try {
    const endpoint = { url: ceph.url, ...ceph.owner, bucket: 'bench' }
    await makeBucket(endpoint)
    return { ...s3Target('Ceph RGW', endpoint), [Symbol.asyncDispose]: () => ceph[Symbol.asyncDispose]() }
  } catch (error) {
    await ceph[Symbol.asyncDispose]()
    throw error
  }
}
