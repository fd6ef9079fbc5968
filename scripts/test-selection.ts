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

/** Parts of the paths of black-box specs that take longest: begun first, none of them runs on alone at the end. */
const SLOW: readonly string[] = ['container', 'faults', 'amplify-5', 'admin-command', 'browser-pages', 'same-decision']

/** The slow ones first, the others by name. */
export const inOrder = (paths: readonly string[]): string[] => {
  const rank = (path: string): number => SLOW.findIndex((part) => path.endsWith(`/${part}.test.ts`))
  const slow = paths.filter((path) => rank(path) >= 0).toSorted((a, b) => rank(a) - rank(b))
  return [...slow, ...paths.filter((path) => rank(path) < 0)]
}
