/* Logs: one JSON object a line, to standard error or the file given.
 * log_event("db", LOG_ERROR, "message %d", n) writes
 * {"time":…,"level":"error","area":"db","message":…}. Requests are logged by
 * log_line with their own members. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

typedef enum { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_OFF } LogLevel;

void log_open(int fd, LogLevel least); /* call once at start; default: 2, info */
bool log_wants(LogLevel level);
bool log_level_parse(Str s, LogLevel *out);
void log_event(const char *area, LogLevel level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Appends `,members` (already JSON, e.g. `"status":200`) to the standard ones. */
void log_line(const char *area, LogLevel level, Str members);
/* A bug that must not go on: logs and aborts. */
_Noreturn void log_fatal(const char *area, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
