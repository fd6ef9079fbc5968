import { createTheme } from '@mui/material/styles'

/** Follows the system between light and dark by media query alone: no script decides, so no flash and nothing inline. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'media' },
  colorSchemes: {
    light: {
      palette: {
        // Dark enough for text on its own tint, as the link of the open page is.
        primary: { main: '#1d4ed8' },
        error: { main: '#b3261e' },
        warning: { main: '#b45309' },
        info: { main: '#0369a1' },
        background: { default: '#f6f8fb', paper: '#ffffff' },
        text: { primary: '#131a26', secondary: '#566175' },
        divider: '#e1e6ee',
        // A tint on which grey text can still be read.
        action: { selected: 'rgba(29, 78, 216, 0.09)' },
      },
    },
    dark: {
      palette: {
        primary: { main: '#8fb4ff' },
        error: { main: '#ff8a80', contrastText: '#2b0b08' },
        warning: { main: '#ffb74d', contrastText: '#2b1a00' },
        background: { default: '#0e1420', paper: '#151d2c' },
        text: { primary: '#e8edf6', secondary: '#9aa7bd' },
        divider: '#263145',
        action: { selected: 'rgba(143, 180, 255, 0.14)' },
      },
    },
  },
  shape: { borderRadius: 10 },
  typography: {
    fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
    h1: { fontSize: '1.375rem', fontWeight: 650, letterSpacing: '-0.01em' },
    h2: { fontSize: '1.0625rem', fontWeight: 600 },
    button: { textTransform: 'none', fontWeight: 600 },
  },
  components: {
    MuiButton: { defaultProps: { disableElevation: true } },
    MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
    MuiDialogTitle: { styleOverrides: { root: { fontSize: '1.125rem', fontWeight: 650 } } },
    MuiTooltip: { defaultProps: { enterDelay: 500 } },
    MuiCssBaseline: { styleOverrides: { 'html, body, #root': { height: '100%' } } },
  },
})
