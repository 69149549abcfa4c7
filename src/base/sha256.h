/* SHA-256 by the processor's own instructions, where it has them: several times
 * as fast as the portable code of libsodium, and the same digest. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/str.h"

bool sha256_is_fast(void); /* whether this processor has them */
void sha256_fast(Str data, unsigned char out[32]); /* only then */

#endif
