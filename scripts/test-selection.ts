/** Parts of the paths of tests that go on for long on purpose: `quick` leaves them out. */
export const LONG: readonly string[] = [
  'packages/s3-server/test/property/',
  'packages/s3-server/test/fuzz/',
  'packages/s3-server/test/crash.test.ts',
  'packages/s3-server/test/thread.test.ts',
]

export interface TestSelection {
  /** Leaves out what is long. */
  readonly quick: boolean
  /** Parts of paths of which a test has at least one; none: all are wanted. */
  readonly parts: readonly string[]
}

/** Whether the test at `path`, with `/` between its folders, is run. */
export const isSelected = (path: string, { quick, parts }: TestSelection): boolean =>
  !(quick && LONG.some((long) => path.includes(long))) &&
  (parts.length === 0 || parts.some((part) => path.includes(part)))
