/* What can go wrong, once: the table of error kinds, and the error of one
 * request. Codes are a stable contract with clients: never renamed. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/arena.h"

/* symbol, code, HTTP status, title */
#define ERROR_KINDS(X)                                                       \
    X(E_NONE, "ok", 200, "OK")                                               \
    X(E_BAD_REQUEST, "bad_request", 400, "Bad request")                      \
    X(E_BAD_JSON, "malformed_json", 400, "Malformed JSON")                   \
    X(E_BAD_QUERY, "bad_query", 400, "Bad query parameter")                  \
    X(E_UNKNOWN_FIELD, "unknown_field", 400, "Unknown field")                \
    X(E_UNAUTHENTICATED, "unauthenticated", 401, "Not authenticated")        \
    X(E_BAD_CREDENTIALS, "invalid_credentials", 401, "Invalid credentials")  \
    X(E_FORBIDDEN, "forbidden", 403, "Forbidden")                            \
    X(E_NOT_FOUND, "not_found", 404, "Not found")                            \
    X(E_METHOD, "method_not_allowed", 405, "Method not allowed")             \
    X(E_CONFLICT, "conflict", 409, "Conflict")                               \
    X(E_DUPLICATE, "duplicate", 409, "Already exists")                       \
    X(E_STATE, "invalid_state", 409, "Not possible in this state")           \
    X(E_REFERENCED, "referenced", 409, "Still referred to")                  \
    X(E_LAST_ADMIN, "last_admin", 409, "The last administrator")             \
    X(E_STALE, "version_mismatch", 412, "Changed in the meantime")           \
    X(E_TOO_LARGE, "body_too_large", 413, "Body too large")                  \
    X(E_URI_TOO_LONG, "uri_too_long", 414, "URI too long")                   \
    X(E_MEDIA_TYPE, "unsupported_media_type", 415, "Unsupported media type") \
    X(E_INVALID, "validation_failed", 422, "Validation failed")              \
    X(E_KEY_REUSED, "idempotency_key_reused", 422, "Idempotency key reused") \
    X(E_RATE_LIMITED, "rate_limited", 429, "Too many requests")              \
    X(E_HEADERS_TOO_LARGE, "headers_too_large", 431, "Headers too large")    \
    X(E_INTERNAL, "internal_error", 500, "Internal error")                   \
    X(E_OVERLOADED, "overloaded", 503, "Overloaded")                         \
    X(E_DB_DOWN, "database_unavailable", 503, "Database unavailable")        \
    X(E_COMMIT_UNKNOWN, "commit_unknown", 503, "Outcome unknown")            \
    X(E_DISK_FULL, "storage_full", 507, "Storage full")

#define ERROR_SYMBOL(symbol, code, status, title) symbol,
typedef enum { ERROR_KINDS(ERROR_SYMBOL) } ErrorKind;
#undef ERROR_SYMBOL

typedef struct {
    const char *code;
    int status;
    const char *title;
} ErrorInfo;

const ErrorInfo *error_info(ErrorKind kind);

/* One wrong value: where ("lines[0].quantity"), which rule, what to do. */
typedef struct Issue {
    Str field;
    const char *code;
    Str message;
    struct Issue *next;
} Issue;

#define ISSUES_MAX 100

typedef struct {
    Arena *arena; /* holds detail and issues */
    ErrorKind kind;
    Str detail;
    Issue *issues, *last_issue;
    int n_issues;    /* found; at most ISSUES_MAX are kept */
    int retry_after; /* seconds, 0 = none */
} Error;

void error_init(Error *e, Arena *arena);
/* Sets the error unless one is set already; always returns false, so that
 * failing is one expression. A NULL format uses the kind's title. */
bool error_set(Error *e, ErrorKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds an issue (and makes the error E_INVALID when none is set); false. */
bool error_issue(Error *e, Str field, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void error_clear(Error *e);

/* For anything that has an Error called `err`: fail(c, E_CONFLICT, "…"). */
#define fail(c, ...) error_set(&(c)->err, __VA_ARGS__)

#endif
