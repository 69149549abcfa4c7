/* The table of error kinds as data, and the error of one request. */
#include "base/error.h"

#include <assert.h>

const ErrorInfo *error_info(ErrorKind kind) {
#define ERROR_ROW(symbol, code, status, title) [symbol] = {code, status, title},
    static const ErrorInfo kinds[] = {ERROR_KINDS(ERROR_ROW)};
#undef ERROR_ROW
    assert((size_t)kind < sizeof kinds / sizeof kinds[0]);
    return &kinds[kind];
}

void error_init(Error *e, Arena *arena) { *e = (Error){.arena = arena}; }

void error_clear(Error *e) { error_init(e, e->arena); }

bool error_set(Error *e, ErrorKind kind, const char *format, ...) {
    assert(kind != E_NONE);
    if (e->kind != E_NONE) return false;
    e->kind = kind;
    if (!format) {
        e->detail = str_of(error_info(kind)->title);
        return false;
    }
    va_list args;
    va_start(args, format);
    e->detail = arena_vfmt(e->arena, format, args);
    va_end(args);
    return false;
}

bool error_issue(Error *e, Str field, const char *code, const char *format, ...) {
    error_set(e, E_INVALID, NULL);
    if (e->n_issues++ >= ISSUES_MAX) return false;
    Issue *issue = ARENA_NEW(e->arena, Issue);
    issue->field = arena_str(e->arena, field);
    issue->code = code;
    va_list args;
    va_start(args, format);
    issue->message = arena_vfmt(e->arena, format, args);
    va_end(args);
    if (e->last_issue)
        e->last_issue->next = issue;
    else
        e->issues = issue;
    e->last_issue = issue;
    return false;
}
