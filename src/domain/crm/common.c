/* Small things that several files of this folder need. */
#include "domain/crm/internal.h"

const char *const by_time[3] = {BY_TIME, NULL};

bool bad(Ctx *c, const char *field, const char *code, const char *message) {
    return error_issue(&c->err, str_of(field), code, "%s", message);
}

Value now_of(Ctx *c) { return value_text((Str){c->now_text, TIME_TEXT - 1}); }

bool reference_given(Ctx *c, const char *resource, const char *input, Value id) {
    const Model *m = ctx_model(c, resource);
    Row found;
    if (id.kind == V_NULL || record_seek(c, m, &(Seek){"id = ?2", &id, 1}, &found)) return true;
    if (c->err.kind != E_NONE) return false;
    return error_issue(&c->err, str_of(input), "unknown_reference", "refers to no existing %s", m->resource->singular);
}
