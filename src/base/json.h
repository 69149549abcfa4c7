/* Streaming JSON writer over a Buf; commas are its business, nesting the
 * caller's. Sticky like the Buf. Output is UTF-8 without escapes other than
 * the required ones. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/str.h"

typedef struct {
    Buf *out;
    bool comma; /* the next value or key needs one before it */
} Json;

static inline Json js_to(Buf *out) { return (Json){out, false}; }
void js_begin_object(Json *j);
void js_end_object(Json *j);
void js_begin_array(Json *j);
void js_end_array(Json *j);
void js_key(Json *j, Str key);
/* A key prepared by js_prepare_key (`"name":`), for the hot path. */
Str js_prepare_key(Arena *a, Str key);
void js_raw_key(Json *j, Str prepared);
void js_str(Json *j, Str s); /* p == NULL writes null */
void js_c(Json *j, const char *s);
void js_int(Json *j, int64_t v);
void js_bool(Json *j, bool v);
void js_null(Json *j);
void js_decimal(Json *j, Decimal v); /* shortest form: 12.5, 100, -0.25 */
void js_raw(Json *j, Str text);      /* text is already JSON, or needs no escapes and has its quotes */
/* A string known to need no escaping (dates, canonical enumerations). */
void js_plain(Json *j, Str s);

#define js_field_str(j, k, v)  (js_key((j), S(k)), js_str((j), (v)))
#define js_field_c(j, k, v)    (js_key((j), S(k)), js_c((j), (v)))
#define js_field_int(j, k, v)  (js_key((j), S(k)), js_int((j), (v)))
#define js_field_bool(j, k, v) (js_key((j), S(k)), js_bool((j), (v)))
#define js_field_null(j, k)    (js_key((j), S(k)), js_null(j))

#endif
