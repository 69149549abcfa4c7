/* Which other origins' pages may call the API: those of the allow-list,
 * compared whole, and none by default. Tokens are sent in a header, never in a
 * cookie, so "*" gives a foreign page no more than it could do by itself. */
#include "api/request.h"

Str cors_origin(const Api *api, const HttpRequest *h) {
    Str rest = str_of(api->config.cors_origins), origin;
    if (!rest.p) return STR_NONE;
    origin = http_header(h, "Origin");
    if (!origin.n || str_is(origin, "null")) return STR_NONE;
    while (rest.p) {
        Str allowed = str_trim(str_cut(rest, ',', &rest));
        if (allowed.n > 1 && allowed.p[allowed.n - 1] == '/') allowed.n--;
        if (str_is(allowed, "*") || str_eq(allowed, origin)) return origin;
    }
    return STR_NONE;
}
