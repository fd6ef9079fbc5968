// A function of CloudFront (cloudfront-js-2.0). What CloudFront's signature for the function URL takes the place of goes on under
// another name; what the caller itself sent under such a name does not.
const PREFIX = 'x-skycrate-viewer-'
const PUT_ASIDE = ['authorization', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token']

// oxlint-disable-next-line no-unused-vars -- CloudFront calls it by its name
function handler(event) {
  const request = event.request
  Object.keys(request.headers).forEach(function (name) {
    if (name.startsWith(PREFIX)) delete request.headers[name]
  })
  PUT_ASIDE.forEach(function (name) {
    if (request.headers[name]) request.headers[PREFIX + name] = { value: request.headers[name].value }
  })
  request.headers[PREFIX + 'address'] = { value: event.viewer.ip }
  return request
}
