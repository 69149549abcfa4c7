/* What the settings promise for issues: an answer comes before the solution. */
#include "domain/system/internal.h"

bool issue_targets_check(Ctx *c, const Change *settings) {
    static const char *const priorities[] = {"low", "medium", "high", "urgent"};
    for (size_t i = 0; i < sizeof priorities / sizeof *priorities; i++) {
        Str response = ctx_fmt(c, "issue_%s_response_hours", priorities[i]);
        Str resolution = ctx_fmt(c, "issue_%s_resolution_hours", priorities[i]);
        if (row_get(settings->row, response.p).i > row_get(settings->row, resolution.p).i)
            error_issue(&c->err, response, "max", "must not exceed %s", resolution.p);
    }
    return c->err.kind == E_NONE;
}
