/* Compression of answers: fast (level 1), on the I/O thread, only when asked. */
#include "http/gzip.h"
#include "base/log.h"
#include <assert.h>

#define GZIP_WRAPPER 16 /* zlib: a gzip header and trailer */

/* A weight of zero: "q=0", "q=0.", "q=0.000". */
static bool weight_is_zero(Str parameters) {
    while (parameters.p) {
        Str p = str_trim(str_cut(parameters, ';', &parameters));
        if (p.n < 3 || (p.p[0] != 'q' && p.p[0] != 'Q') || p.p[1] != '=') continue;
        for (size_t i = 2; i < p.n; i++)
            if (p.p[i] != '0' && p.p[i] != '.') return false;
        return true;
    }
    return false;
}

bool coding_accepted(Str accept_encoding, Str wanted) {
    bool any = false;
    while (accept_encoding.p) {
        Str parameters;
        Str coding = str_cut(accept_encoding, ',', &accept_encoding);
        coding = str_trim(str_cut(coding, ';', &parameters));
        bool may = !weight_is_zero(parameters);
        if (str_starts(coding, S("x-"))) coding = (Str){coding.p + 2, coding.n - 2};
        if (str_ieq(coding, wanted)) return may;
        if (str_eq(coding, S("*"))) any = may;
    }
    return any;
}

bool gzip_accepted(Str accept_encoding) { return coding_accepted(accept_encoding, S("gzip")); }

bool gzip_worthwhile(const char *content_type) {
    static const char *const TEXTS[] = {"json", "text/", "javascript", "svg", "xml; "};
    if (!content_type) return false;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        if (strstr(content_type, TEXTS[i])) return true;
    return false;
}

static z_stream *stream_new(void) {
    z_stream *z = calloc(1, sizeof *z);
    if (!z || deflateInit2(z, 1, Z_DEFLATED, MAX_WBITS + GZIP_WRAPPER, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        log_fatal("http", "no memory for compression");
    return z;
}

bool gzip_pack(z_stream **stream, Str body, Buf *out) {
    if (body.n > UINT32_MAX / 2) return false;
    if (!*stream) *stream = stream_new();
    z_stream *z = *stream;
    deflateReset(z);
    buf_reset(out);
    char *room = buf_room(out, body.n);
    if (!room) return false;
    z->next_in = (z_const Bytef *)(uintptr_t)body.p;
    z->avail_in = (uInt)body.n;
    z->next_out = (Bytef *)room;
    z->avail_out = (uInt)body.n;
    if (deflate(z, Z_FINISH) != Z_STREAM_END) return false;
    out->n = body.n - z->avail_out;
    return true;
}

void gzip_pack_once(Str plain, Buf *out) {
    z_stream z = {0};
    buf_init(out, plain.n, BUF_DEFAULT_MAX);
    char *room = buf_room(out, plain.n);
    if (!room || deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + GZIP_WRAPPER, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        log_fatal("http", "no memory for compression");
    z.next_in = (z_const Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.n;
    z.next_out = (Bytef *)room;
    z.avail_out = (uInt)plain.n;
    int status = deflate(&z, Z_FINISH);
    assert(status == Z_STREAM_END);
    (void)status;
    out->n = plain.n - z.avail_out;
    deflateEnd(&z);
}
