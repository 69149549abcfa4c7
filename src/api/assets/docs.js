// Shows /openapi.json in Swagger UI, with the error codes below it. A login
// that is tried out here signs the page in.
'use strict'

// Errors name their code's row as /docs#error-<code>; Swagger UI takes the hash for itself.
const asked = location.hash

function showErrors(errors) {
  const section = document.getElementById('errors')
  const body = section.querySelector('tbody')
  for (const error of errors) {
    const row = body.insertRow()
    row.id = `error-${error.code}`
    row.insertCell().append(Object.assign(document.createElement('code'), { textContent: error.code }))
    row.insertCell().textContent = error.status
    row.insertCell().textContent = error.title
  }
  section.hidden = false
  const link = Object.assign(document.createElement('a'), { href: '#errors', textContent: 'Error codes' })
  document.querySelector('.bar nav').append(link)
  if (document.getElementById(asked.slice(1))) location.hash = asked // now that it is there
}

function signInWith(response) {
  const tokens = response.ok && /\/auth\/(login|refresh|switch-organization)$/.test(response.url) && response.body
  if (tokens && tokens.access_token) window.ui.preauthorizeApiKey('bearer', tokens.access_token)
  return response
}

async function start() {
  const answer = await fetch('/openapi.json')
  if (!answer.ok) throw new Error(`/openapi.json answered ${answer.status}`)
  const spec = await answer.json()
  window.ui = SwaggerUIBundle({
    spec,
    dom_id: '#swagger-ui',
    presets: [SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    docExpansion: 'none',
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    validatorUrl: null,
    responseInterceptor: signInWith,
    onComplete: () => showErrors(spec['x-errors']),
  })
}

start().catch((error) => {
  document.getElementById('swagger-ui').textContent = `The reference could not be loaded: ${error.message}`
})
