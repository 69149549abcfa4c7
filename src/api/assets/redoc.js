// Shows /openapi.json in Redoc, with the fonts of the system.
'use strict'

const family = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
const monospace = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace'

Redoc.init(
  '/openapi.json',
  {
    hideDownloadButton: false,
    jsonSampleExpandLevel: 3,
    pathInMiddlePanel: true,
    theme: {
      colors: { primary: { main: '#1f3a4d' } },
      typography: {
        fontFamily: family,
        headings: { fontFamily: family },
        code: { fontFamily: monospace },
      },
    },
  },
  document.getElementById('redoc'),
)
