/* The one list of what this program consists of (S3). */
#ifndef APP_MODULES_H
#define APP_MODULES_H

#include "app/jobs.h"

extern const Resource *const modules[];
extern const size_t modules_n;
extern const Follower followers[]; /* ends with {0} */
extern const Job jobs[];           /* ends with {0} */

#endif
