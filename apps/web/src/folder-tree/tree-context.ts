import type { LinkProps } from '@tanstack/react-router'
import { createContext, useContext } from 'react'

/** What all folders of a tree have in common. */
export interface Tree {
  readonly bucket: string
  /** The folder that is shown beside it. */
  readonly shown: string
  readonly open: ReadonlySet<string>
  readonly toggle: (prefix: string) => void
  readonly linkTo: (prefix: string) => LinkProps
}

export const TreeContext = createContext<Tree | undefined>(undefined)

export function useTreeContext(): Tree {
  const tree = useContext(TreeContext)
  if (!tree) throw new Error('a folder stands outside of a tree')
  return tree
}
