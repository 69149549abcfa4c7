/* What customers and vendors have in common: a name, a status, and the search
 * for the same one twice. */
#include "base/fold.h"
#include "domain/crm/internal.h"

const Alike party_alike[4] = {
    {"email", 100}, {"phone_key", 80}, {"name_key", 90, .similar = true}, {0},
};
const Field party_duplicates_input[3] = {
    {"email", &T_EMAIL, 0, .example = "orders@meridian.example"},
    {"phone", &T_TEXT, 0, .example = "+91 98250 11223"},
    {"name", &T_TEXT, 0, .example = "Meridian Garments"},
};

/* Of a company its name, of a person theirs, and at last the e-mail address. */
static Value name_made(Ctx *c, const Row *row) {
    Str first = row_get(row, "first_name").s, last = row_get(row, "last_name").s;
    Value company = row_get(row, "company_name");
    if (company.kind == V_TEXT) return company;
    if (first.n && last.n) return value_text(arena_fmt(c->arena, "%.*s %.*s", STR_ARG(first), STR_ARG(last)));
    if (first.n || last.n) return value_text(first.n ? first : last);
    return row_get(row, "email");
}

/* A made name follows what it was made of. */
static bool name_follows(Ctx *c, const Change *ch) {
    if (row_get(ch->row, "name").kind == V_NULL) return true;
    if (!ch->before || change_altered(ch, "name")) return false;
    Value was = name_made(c, ch->before), is = row_get(ch->before, "name");
    return value_equal(&was, &is);
}

bool party_complete(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    Value active = row_get(ch->row, "active");
    if (change_gave(ch, "active") && active.kind == V_INT && !change_gave(ch, "status"))
        change_set(ch, "status", value_text(active.i ? S("active") : S("inactive")));
    if (!name_follows(c, ch)) return true;
    Value name = name_made(c, ch->row);
    if (name.kind == V_NULL)
        return error_issue(&c->err, S("name"), "required", "is required, or company_name, first_name, last_name or email");
    change_set(ch, "name", name);
    return true;
}

static bool status_set(Ctx *c, Call *call, Str status) {
    const Model *m = call->view->model;
    Input in = input_new(c, m);
    Row row;
    input_set(&in, "status", value_text(status));
    if (!record_update(c, m, call->id, &in, &row)) return false;
    row_write(c, call->view, &row);
    return true;
}

bool party_activate(Ctx *c, Call *call) { return status_set(c, call, S("active")); }
bool party_deactivate(Ctx *c, Call *call) { return status_set(c, call, S("inactive")); }
