import MuiLink from '@mui/material/Link'
import { createLink } from '@tanstack/react-router'

/** MUI's link, going where the router goes. */
export const RouterLink = createLink(MuiLink)
