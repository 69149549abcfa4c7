/* Contacts: the people at a customer or a vendor. One of them is the primary
 * one, at most; who becomes it takes it from the one before. */
#include "domain/crm/internal.h"

static const Field fields[] = {
    {"name", &T_TEXT, F_REQUIRED | F_SORT | F_SEARCH | F_FILTER, .example = "\"Asha Rao\""},
    {"customer_id", &T_REF, F_FILTER, .ref = "customers", .help = "or vendor_id, not both"},
    {"vendor_id", &T_REF, F_FILTER, .ref = "vendors", .also = "supplier,supplier_id"},
    {"email", &T_EMAIL, F_SEARCH | F_FILTER, .example = "\"asha@meridian.example\""},
    {"phone", &T_PHONE, F_SEARCH},
    {"role", &T_TEXT, F_FILTER | F_SEARCH, .max_length = 100, .also = "job_title,position", .example = "\"Purchasing\""},
    {"is_primary", &T_BOOL, F_FILTER, .fallback = "false", .also = "primary"},
    {"notes", &T_LONG_TEXT, 0},
};

static bool check(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    bool customer = row_get(ch->row, "customer_id").kind != V_NULL, vendor = row_get(ch->row, "vendor_id").kind != V_NULL;
    if (!customer || !vendor) return true;
    return error_issue(&c->err, S("customer_id"), "conflict", "and vendor_id exclude each other: make a contact for each");
}

static bool primary_drop(Ctx *c, const Row *before) {
    Row row = row_copy(c->arena, before);
    Change ch = {.model = before->model, .verb = "update", .before = before, .row = &row};
    change_set(&ch, "is_primary", value_int(0));
    return change_keep(c, &ch);
}

/* A contact that came here by a merge leaves the place to the one that had it. */
static bool one_primary(Ctx *c, Change *ch, const char *parent) {
    Value values[] = {row_get(ch->row, parent), row_get(ch->row, "id")};
    Seek seek = {arena_fmt(c->arena, "%s = ?2 AND is_primary AND id <> ?3", parent).p, values, 2};
    Row other;
    if (values[0].kind == V_NULL) return true;
    if (!record_seek(c, ch->model, &seek, &other)) return c->err.kind == E_NONE;
    bool came = ch->before && !change_altered(ch, "is_primary");
    if (!came) return primary_drop(c, &other);
    Row before = row_copy(c->arena, ch->row);
    change_set(ch, "is_primary", value_int(0));
    return record_amend(c, &before, ch->row);
}

bool contacts_follow(Ctx *c, Change *ch) {
    if (!ch->row || !row_get(ch->row, "is_primary").i) return true;
    bool placed = change_altered(ch, "is_primary") || change_altered(ch, "customer_id") || change_altered(ch, "vendor_id");
    return !placed || (one_primary(c, ch, "customer_id") && one_primary(c, ch, "vendor_id"));
}

const Resource contacts = {
    .name = "contacts",
    .area = "crm",
    .singular = "contact",
    .summary = "People at customers and vendors.",
    .display = "name",
    FIELDS(fields),
    .check = check,
};
