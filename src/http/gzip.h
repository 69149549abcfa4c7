/* Compression of answers. */
#ifndef HTTP_GZIP_H
#define HTTP_GZIP_H

#include "base/str.h"
#include <zlib.h>

/* Whether an Accept-Encoding takes a coding, such as "br". */
bool coding_accepted(Str accept_encoding, Str wanted);
bool gzip_accepted(Str accept_encoding);
bool gzip_worthwhile(const char *content_type);
/* Packs into *out with the lane's stream; false when it did not get smaller. */
bool gzip_pack(z_stream **stream, Str body, Buf *out);

/* Packs what is sent again and again: smaller, and slower. For text, which always gets shorter. */
void gzip_pack_once(Str plain, Buf *out);

#endif
