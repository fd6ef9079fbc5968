/** Pixels. */
export const HEADER_HEIGHT = 40

export const ROW_SX = {
  position: 'absolute',
  inset: '0 0 auto 0',
  alignItems: 'center',
  columnGap: 2,
  px: 2,
  typography: 'body2',
  '&:hover, &:focus-within': { bgcolor: 'action.hover' },
  // Being selected is what a person acts upon.
  '&&[aria-selected="true"]': { bgcolor: 'action.selected' },
} as const
