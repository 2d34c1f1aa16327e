// Runs at CloudFront's edge on each viewer request, before the cache key is made.
// It keeps the one essential cookie and drops every other, so that what an advertiser or an analytics script
// sets neither splits the cache nor reaches the application.
const ESSENTIAL = '@ESSENTIAL@';

function handler(event) {
    const request = event.request;
    const kept = {};
    if (request.cookies[ESSENTIAL]) {
        kept[ESSENTIAL] = request.cookies[ESSENTIAL];
    }
    request.cookies = kept;
    return request;
}
