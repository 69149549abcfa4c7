/* Writing and reading of access tokens; see token.h.
 *
 *     base64url(header) . base64url(claims) . base64url(HMAC of all before)
 */
#include "identity/token.h"

#include <assert.h>
#include <jansson.h>

#include "base/json.h"

/* {"alg":"HS256","typ":"JWT"} and the dot behind it. */
#define HEADER   "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
#define ISSUER   "millwright"
#define TYPE     "access"
#define MAC_TEXT 43 /* of 32 bytes */

static void claims_write(const Claims *c, Json *j) {
    char account[INT_TEXT_MAX];
    int_format(c->account, account);
    js_begin_object(j);
    js_field_c(j, "iss", ISSUER);
    js_field_c(j, "typ", TYPE);
    js_field_c(j, "sub", account);
    js_field_int(j, "org", c->organization);
    js_field_int(j, "uid", c->user);
    js_field_int(j, "sid", c->session);
    js_field_int(j, "ep", c->epoch);
    js_field_int(j, "iat", c->issued);
    js_field_int(j, "exp", c->expires);
    js_end_object(j);
}

static Str mac_text(const Hash *key, Str signed_part, char out[MAC_TEXT + 1]) {
    Hash mac;
    hash_hmac_sha256((Str){(const char *)key->b, sizeof key->b}, signed_part, &mac);
    size_t n = base64url_encode((Str){(const char *)mac.b, sizeof mac.b}, out, MAC_TEXT + 1);
    assert(n == MAC_TEXT);
    return (Str){out, n};
}

size_t token_write(const Hash *key, const Claims *claims, char out[TOKEN_ROOM]) {
    Buf text = {.p = NULL};
    Json j = js_to(&text);
    claims_write(claims, &j);
    size_t n = sizeof HEADER - 1;
    memcpy(out, HEADER, n);
    size_t claims_n = base64url_encode(buf_view(&text), out + n, TOKEN_ROOM - n);
    buf_free(&text);
    assert(claims_n > 0 && n + claims_n + 1 + MAC_TEXT < TOKEN_ROOM);
    n += claims_n;
    char mac[MAC_TEXT + 1];
    mac_text(key, (Str){out, n}, mac);
    out[n++] = '.';
    memcpy(out + n, mac, sizeof mac);
    return n + MAC_TEXT;
}

static bool claim_int(const json_t *claims, const char *name, int64_t *out) {
    const json_t *v = json_object_get(claims, name);
    *out = json_integer_value(v);
    return json_is_integer(v) && *out >= 0;
}

static bool claim_is(const json_t *claims, const char *name, const char *wanted) {
    const char *text = json_string_value(json_object_get(claims, name));
    return text && strcmp(text, wanted) == 0;
}

static bool claims_read(const json_t *claims, Claims *out) {
    const char *account = json_string_value(json_object_get(claims, "sub"));
    return claim_is(claims, "iss", ISSUER) && claim_is(claims, "typ", TYPE) && account &&
           str_to_int(str_of(account), &out->account) && claim_int(claims, "org", &out->organization) &&
           claim_int(claims, "uid", &out->user) && claim_int(claims, "sid", &out->session) &&
           claim_int(claims, "ep", &out->epoch) && claim_int(claims, "iat", &out->issued) &&
           claim_int(claims, "exp", &out->expires);
}

/* The MAC over everything before the last dot; `claims` gets what is between
 * the two dots. There is no third: base64url has none. */
static bool signature_holds(const Hash *key, Str text, Str *claims) {
    Str header = S(HEADER);
    if (text.n > TOKEN_TEXT_MAX || text.n < header.n + 1 + MAC_TEXT || !str_starts(text, header))
        return false;
    size_t signed_n = text.n - MAC_TEXT - 1;
    if (text.p[signed_n] != '.') return false;
    *claims = (Str){text.p + header.n, signed_n - header.n};
    if (memchr(claims->p, '.', claims->n)) return false;
    Hash given, right;
    if (base64url_decode((Str){text.p + signed_n + 1, MAC_TEXT}, given.b, sizeof given.b) != sizeof given.b)
        return false;
    hash_hmac_sha256((Str){(const char *)key->b, sizeof key->b}, (Str){text.p, signed_n}, &right);
    return hash_equal(&given, &right);
}

bool token_read(const Hash *key, Str text, Claims *out) {
    Str encoded;
    char decoded[TOKEN_TEXT_MAX];
    if (!signature_holds(key, text, &encoded)) return false;
    size_t n = base64url_decode(encoded, decoded, sizeof decoded);
    json_t *claims = n ? json_loadb(decoded, n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool ok = json_is_object(claims) && claims_read(claims, out);
    json_decref(claims);
    return ok;
}
