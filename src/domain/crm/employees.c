/* Employees: who works in the organization, whether or not they sign in.
 *
 *   active ⇄ on_leave        leave, return
 *   active, on_leave → terminated → active      terminate, rehire
 *
 * Never: somebody who is, over any number of steps, their own manager; a
 * termination before the hire; two employees who are the same user. */
#include "domain/crm/internal.h"

enum { ACTIVE, ON_LEAVE, TERMINATED };
static const Choice states[] = {{"active"}, {"on_leave"}, {"terminated"}, {0}};
static const Choice employments[] = {{"full_time"}, {"part_time"}, {"contract"}, {"intern"}, {0}};

#define LEVELS_MAX 1000 /* of managers above each other */

static const Field fields[] = {
    {"employee_number", &T_NUMBER, F_UNIQUE | F_FILTER | F_SORT | F_SEARCH, .series = "EMP-{seq:4}", .also = "employee_id,code"},
    {"name", &T_TEXT, F_REQUIRED | F_FILLED | F_SORT | F_SEARCH | F_FILTER, .example = "\"Ravi Menon\"", .also = "full_name",
     .help = "made of first and last name when left out, and they of it"},
    {"first_name", &T_TEXT, 0, .max_length = 100},
    {"last_name", &T_TEXT, F_SORT, .max_length = 100},
    {"email", &T_EMAIL, F_SEARCH | F_FILTER, .example = "\"ravi@example.com\""},
    {"phone", &T_PHONE, F_SEARCH},
    {"department", &T_TEXT, F_FILTER | F_SORT | F_SEARCH, .max_length = 100, .example = "\"Weaving\""},
    {"job_title", &T_TEXT, F_FILTER | F_SEARCH, .max_length = 100},
    {"role", &T_TEXT, F_FILTER | F_SEARCH, .max_length = 100, .help = "in the workshop, such as welder", .example = "\"Welder\""},
    {"employment_type", &T_ENUM, F_FILTER, .choices = employments, .fallback = "full_time"},
    {"manager_id", &T_REF, F_FILTER, .ref = "employees"},
    {"hire_date", &T_DATE, F_FILTER | F_SORT, .example = "\"2026-01-15\""},
    {"termination_date", &T_DATE, F_FILTER | F_SORT, .help = "last day, also a planned one"},
    {"certification_expiry", &T_DATE, F_FILTER | F_SORT, .help = "last day on which the certificate is good"},
    {"status", &T_ENUM, F_FILTER | F_COUNTED, .choices = states, .fallback = "active"},
    {"user_id", &T_REF, F_FILTER | F_UNIQUE, .ref = "users", .help = "who they sign in as; set when an invitation is accepted"},
    {"notes", &T_LONG_TEXT, 0},
};

/* --- rules --- */

/* Split at the first space; of one word there is only a first name. */
static void name_parts(Change *ch) {
    Str last, first = str_cut(str_trim(row_get(ch->row, "name").s), ' ', &last);
    last = str_trim(last);
    change_set(ch, "first_name", value_text(first));
    change_set(ch, "last_name", last.n ? value_text(last) : VALUE_NULL);
}

static bool parts_given(const Change *ch) { return change_gave(ch, "first_name") || change_gave(ch, "last_name"); }

static Value name_of_parts(Ctx *c, const Row *row) {
    Str first = row_get(row, "first_name").s, last = row_get(row, "last_name").s;
    if (!first.n && !last.n) return VALUE_NULL;
    return value_text(arena_fmt(c->arena, "%.*s%s%.*s", STR_ARG(first), first.n && last.n ? " " : "", STR_ARG(last)));
}

static bool name_complete(Ctx *c, Change *ch) {
    bool none = row_get(ch->row, "name").kind == V_NULL, changed = ch->before && change_altered(ch, "name");
    if (!none && (changed || !ch->before) && !parts_given(ch)) name_parts(ch);
    if (none || (ch->before && !changed && parts_given(ch))) {
        Value name = name_of_parts(c, ch->row);
        if (name.kind == V_NULL) return error_issue(&c->err, S("name"), "required", "is required, or first_name and last_name");
        change_set(ch, "name", name);
    }
    return true;
}

static int64_t manager_of(Ctx *c, int64_t id) {
    Stmt *st = db_prepare(c->db, S("SELECT manager_id FROM employees WHERE organization_id = ?1 AND id = ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_int(st, 2, id);
    int64_t manager = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return manager;
}

static bool manager_check(Ctx *c, const Change *ch) {
    Value manager = row_get(ch->row, "manager_id");
    if (!ch->before || manager.kind != V_INT || !change_altered(ch, "manager_id")) return true;
    int64_t self = row_get(ch->row, "id").i, at = manager.i;
    for (int level = 0; at && level < LEVELS_MAX; level++, at = manager_of(c, at))
        if (at == self) return error_issue(&c->err, S("manager_id"), "circle", "is managed by this employee, directly or not");
    if (!at) return true;
    return error_issue(&c->err, S("manager_id"), "too_deep", "has more than %d managers above", LEVELS_MAX);
}

static bool is_before(Value a, Value b) { return a.kind == V_TEXT && b.kind == V_TEXT && memcmp(a.s.p, b.s.p, DATE_TEXT - 1) < 0; }

static bool dates_check(Ctx *c, const Change *ch) {
    if (!is_before(row_get(ch->row, "termination_date"), row_get(ch->row, "hire_date"))) return true;
    return error_issue(&c->err, S("termination_date"), "min", "must not be before the hire_date");
}

static bool check(Ctx *c, Change *ch) {
    if (!ch->row) return true;
    name_complete(c, ch);
    manager_check(c, ch);
    dates_check(c, ch);
    return c->err.kind == E_NONE;
}

/* --- life cycle --- */

static const Field terminate_input[] = {
    {"termination_date", &T_DATE, 0, .also = "date", .help = "as planned, or today, when left out"},
};
static const Field rehire_input[] = {
    {"hire_date", &T_DATE, 0, .also = "date", .help = "today when left out"},
};

static Value asked_date(const Change *ch, const char *name) { return ch->call ? call_value(ch->call, name) : VALUE_NULL; }

static Value today(Ctx *c) { return value_text(arena_str(c->arena, str_of(c->today))); }

static bool terminate(Ctx *c, Change *ch) {
    Value date = asked_date(ch, "termination_date");
    if (date.kind == V_NULL) date = row_get(ch->row, "termination_date");
    change_set(ch, "termination_date", date.kind == V_TEXT ? date : today(c));
    return true;
}

static bool rehire(Ctx *c, Change *ch) {
    Value date = asked_date(ch, "hire_date");
    if (ch->call || !change_gave(ch, "hire_date")) change_set(ch, "hire_date", date.kind == V_TEXT ? date : today(c));
    if (!change_gave(ch, "termination_date")) change_set(ch, "termination_date", VALUE_NULL);
    return true;
}

/* --- becoming a user --- */

static const Field invite_input[] = {
    {"role_id", &T_REF, F_REQUIRED, .ref = "roles", .help = "id or name of the role they get", .example = "\"staff\""},
    {"email", &T_EMAIL, 0, .help = "the employee's own when left out; noted there"},
};
static const Field invite_answer[] = {
    {"email", &T_EMAIL, F_REQUIRED, .example = "ravi@example.com"},
    {"role_id", &T_INT, F_REQUIRED, .example = "3"},
    {"expires_at", &T_TIME, F_REQUIRED},
    {"token", &T_TEXT, F_REQUIRED, .help = "for /auth/register; shown this once"},
};

static bool email_note(Ctx *c, const Model *m, const Row *employee, Value email) {
    Input in = input_new(c, m);
    Row row;
    Value known = row_get(employee, "email");
    if (value_equal(&known, &email)) return true;
    input_set(&in, "email", email);
    return record_update(c, m, row_get(employee, "id").i, &in, &row);
}

static bool invite(Ctx *c, Call *call) {
    const Model *m = call->view->model;
    int permission = m->action_permission[call->action - m->resource->actions];
    Row row;
    if (!record_claim(c, m, call->id, permission, &row)) return false;
    Value email = call_value(call, "email");
    if (email.kind == V_NULL) email = row_get(&row, "email");
    if (email.kind == V_NULL) return error_issue(&c->err, S("email"), "required", "is required: the employee has none");
    if (row_get(&row, "user_id").kind == V_INT)
        return fail(c, E_CONFLICT, "the employee is the user %.*s already", STR_ARG(row.names[model_field(m, "user_id")->index]));
    if (str_is(row_get(&row, "status").s, "terminated")) return fail(c, E_STATE, "the employee is terminated: rehire them first");
    const Given given[] = {{"email", email}, {"role_id", call_value(call, "role_id")}};
    return email_note(c, m, &row, email) && action_call(c, ctx_model(c, "invitations"), "", given, 2);
}

/* The only employee with the address of a new user is that user. */
bool employees_follow_user(Ctx *c, Change *ch) {
    const Model *m = ctx_model(c, "employees");
    if (ch->before || !ch->row) return true;
    Value values[] = {row_get(ch->row, "email"), value_int(0)};
    const Seek seek = {"email = ?2 AND id <> ?3 AND user_id IS NULL AND status <> 'terminated'", values, 2};
    Row before, another;
    if (!record_seek(c, m, &seek, &before)) return c->err.kind == E_NONE;
    values[1] = row_get(&before, "id");
    if (record_seek(c, m, &seek, &another) || c->err.kind != E_NONE) return c->err.kind == E_NONE;
    Row row = row_copy(c->arena, &before);
    Change link = {.model = m, .verb = "update", .before = &before, .row = &row};
    change_set(&link, "user_id", row_get(ch->row, "id"));
    return change_keep(c, &link);
}

/* --- departments --- */

static const Field departments_answer[] = {
    {"items", &T_JSON, F_REQUIRED, .example = "[{\"department\": \"Weaving\", \"employees\": 12}]"},
    {"total", &T_INT, F_REQUIRED, .example = "1"},
    {"more", &T_BOOL, F_REQUIRED, .help = "whether others follow", .example = "false"},
};
static const Field departments_input[] = {
    {"after", &T_TEXT, 0, .max_length = 100, .help = "the last department of the page before"},
};

#define DEPARTMENTS_MAX 500

/* One seek in the index of departments, however many employees each has. */
static Str department_after(Ctx *c, Str after) {
    Stmt *st = db_prepare(c->db, S("SELECT min(department) FROM employees WHERE organization_id = ?1 AND department > ?2"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind_text(st, 2, after.n ? after : S(""));
    Str found = stmt_step(st) ? arena_str(c->arena, stmt_text(st, 0)) : STR_NONE;
    stmt_reset(st);
    return found;
}

/* Counted as a list with this filter is, of what the caller may see. */
static bool department_count(Ctx *c, const View *v, Str department, int64_t *n) {
    const Param param = {S("department"), department};
    Query *q = ARENA_NEW(c->arena, Query);
    return query_read(c, v, (Params){&param, 1}, MAY_READ, q) && query_total(c, q, n);
}

static bool departments(Ctx *c, Call *call) {
    Json *j = &c->out;
    int64_t total = 0;
    Str at = department_after(c, call_text(call, "after"));
    js_begin_object(j);
    js_key(j, S("items"));
    js_begin_array(j);
    for (; at.n && total < DEPARTMENTS_MAX; at = department_after(c, at)) {
        int64_t n;
        if (!department_count(c, call->view, at, &n)) return false;
        if (!n) continue;
        js_begin_object(j);
        js_field_str(j, "department", at);
        js_field_int(j, "employees", n);
        js_end_object(j);
        total++;
    }
    js_end_array(j);
    js_field_int(j, "total", total);
    js_field_bool(j, "more", at.n > 0);
    js_end_object(j);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static const Action actions[] = {
    {"leave", 0, "Note that they are away", IN(ACTIVE), ON_LEAVE},
    {"return", 0, "Note that they are back", IN(ON_LEAVE), ACTIVE},
    {"terminate", 0, "End the employment", IN(ACTIVE) | IN(ON_LEAVE), TERMINATED, INPUT(terminate_input), .effect = terminate},
    {"rehire", 0, "Employ again", IN(TERMINATED), ACTIVE, INPUT(rehire_input), .effect = rehire},
    {"invite", ACTION_SECRET, "Invite as a user; needs invitations:create, the token is shown this once",
     INPUT(invite_input), ANSWER(invite_answer), .run = invite},
    {"departments", ACTION_COLLECTION | ACTION_GET | ACTION_POOL, "The departments and how many work there", .permission = "read",
     INPUT(departments_input), ANSWER(departments_answer), .run = departments},
    {"reports", 0, "Whom this employee manages", LIST_OF("employees", "manager_id"), .list_order = "name"},
};

const Resource employees = {
    .name = "employees",
    .area = "people",
    .singular = "employee",
    .summary = "Who works in the organization.",
    .display = "name",
    .key = "employee_number",
    .owner = "user_id",
    FIELDS(fields),
    ACTIONS(actions),
    .check = check,
};
