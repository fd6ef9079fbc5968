import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressedAssets } from './compressed-assets.ts'

/** Parts of MUI that the first page needs: together they are compressed better than one by one. */
const FIRST =
  /@mui\/material\/(?:esm\/)?(?:Alert|Box|Breadcrumbs|Button|ButtonBase|Checkbox|CircularProgress|Grow|IconButton|InputBase|LinearProgress|Link|List|Modal|Paper|Portal|Skeleton|TextField|Typography)\//

export default defineConfig({
  plugins: [react({ compiler: true }), compressedAssets()],
  build: {
    target: 'es2023',
    // Styles and scripts as files only: nothing inline that a content security policy would have to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'first', test: FIRST }],
        },
      },
    },
  },
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:8080' } },
})
