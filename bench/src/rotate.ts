/** The items in their order, beginning `by` items later: with each round another one is first. */
export const rotate = <T>(items: readonly T[], by: number): readonly T[] => {
  const first = items.length === 0 ? 0 : by % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}
