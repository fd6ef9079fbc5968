import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressedAssets } from './compressed-assets.ts'

export default defineConfig({
  plugins: [react({ compiler: true }), compressedAssets()],
  build: {
    target: 'es2023',
    // Styles and scripts as files only: nothing inline that a content security policy would have to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:8080' } },
})
