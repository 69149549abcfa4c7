/* Till sessions: a register from its opening with a float to its closing with a
 * count.
 *
 *   open ──close──▶ closed
 *
 * Invariants: one open session per register; expected = float + cash that came
 * in − cash that went out; difference = counted − expected. */
#include "domain/sales/internal.h"

enum { OPEN, CLOSED };
static const Choice states[] = {{"open", "opened"}, {"closed"}, {0}};

static const Field fields[] = {
    {"register", &T_TEXT, F_REQUIRED | F_CREATE_ONLY | F_FILTER | F_SORT | F_SEARCH, .max_length = 64,
     .also = "register_name", .example = "\"Counter 1\""},
    {"status", &T_ENUM, F_FILTER, .choices = states, .fallback = "open"},
    {"opening_float", &T_MONEY, F_CREATE_ONLY, .fallback = "0", .min = "0", .also = "opening_amount", .example = "100",
     .help = "cash in the drawer at the start"},
    {"opened_by", &T_REF, F_READONLY | F_FILTER, .ref = "users", .fallback = "me"},
    {"closed_at", &T_TIME, F_READONLY | F_SORT},
    {"closed_by", &T_REF, F_READONLY, .ref = "users"},
    {"counted_amount", &T_MONEY, F_READONLY, .help = "cash that was counted at the end"},
    {"expected_amount", &T_MONEY, F_READONLY, .help = "float + cash sales − cash refunds"},
    {"difference", &T_MONEY, F_READONLY, .help = "counted − expected"},
    {"notes", &T_LONG_TEXT, F_LATE},
};

static const Field close_input[] = {
    {"counted_amount", &T_MONEY, F_REQUIRED, .min = "0", .also = "closing_amount", .example = "159"},
};

bool till_open_find(Ctx *c, Value register_name, Row *out) {
    const Model *m = ctx_model(c, "till-sessions");
    const Value named[] = {register_name}, mine[] = {c->user_id ? value_int(c->user_id) : VALUE_NULL};
    if (register_name.kind == V_TEXT)
        return record_seek(c, m, &(Seek){"register = ?2 AND status = 'open'", named, 1}, out);
    return record_seek(c, m, &(Seek){"opened_by = ?2 AND status = 'open' ORDER BY id DESC LIMIT 1", mine, 1}, out);
}

static bool check(Ctx *c, Change *ch) {
    Row other;
    if (ch->before || !ch->row || c->err.kind != E_NONE) return true;
    if (till_open_find(c, row_get(ch->row, "register"), &other))
        return fail(c, E_CONFLICT, "the register has an open session: close session %lld first",
                    (long long)row_get(&other, "id").i);
    return c->err.kind == E_NONE;
}

static bool cash_sum(Ctx *c, Value session, Decimal *sum) {
    Stmt *st = db_prepare(c->db, S("SELECT coalesce(sum(CASE payment_type WHEN 'incoming' THEN amount ELSE -amount END), 0) "
                                   "FROM payments WHERE organization_id = ?1 AND till_session_id = ?2 AND payment_method = 'cash'"));
    stmt_bind_int(st, 1, c->organization_id);
    stmt_bind(st, 2, session);
    *sum = stmt_step(st) ? stmt_int(st, 0) : 0;
    stmt_reset(st);
    return !db_failed(c->db) || db_fail(c->db, &c->err);
}

static bool close_session(Ctx *c, Change *ch) {
    Value counted = ch->call ? call_value(ch->call, "counted_amount") : VALUE_NULL;
    Decimal cash, expected;
    if (counted.kind == V_NULL)
        return error_issue(&c->err, S("counted_amount"), "required", "is required: close the session with what was counted");
    if (!cash_sum(c, row_get(ch->row, "id"), &cash)) return false;
    if (!decimal_add(row_get(ch->row, "opening_float").i, cash, &expected))
        return fail(c, E_CONFLICT, "the session's cash is more than can be stored");
    change_set(ch, "counted_amount", counted);
    change_set(ch, "expected_amount", value_int(expected));
    change_set(ch, "difference", value_int(counted.i - expected));
    change_set(ch, "closed_at", value_text((Str){c->now_text, TIME_TEXT - 1}));
    change_set(ch, "closed_by", c->user_id ? value_int(c->user_id) : VALUE_NULL);
    ch->row->names[model_field(ch->model, "closed_by")->index] = c->username;
    return true;
}

static const Action actions[] = {
    {"close", ACTION_STORED | ACTION_MOVES, "Close it with what is in the drawer", IN(OPEN), CLOSED, INPUT(close_input), .effect = close_session},
    {"sales", .summary = "What was sold in it", LIST_OF("sales", "till_session_id")},
    {"payments", .summary = "What was paid in it", LIST_OF("payments", "till_session_id")},
};

static bool prove(Ctx *c, const Row *row, Str *problem) {
    Decimal cash;
    Value expected = row_get(row, "expected_amount");
    if (expected.kind == V_NULL || !cash_sum(c, row_get(row, "id"), &cash)) return true;
    if (expected.i == row_get(row, "opening_float").i + cash) return true;
    *problem = S("expected_amount is not the float and the cash payments");
    return false;
}

static const char *const checks[] = {"difference IS NULL OR difference = counted_amount - expected_amount", NULL};
static const char *const indexes[] = {"opened_by,status", "register,status", NULL};

const Resource till_sessions = {
    .name = "till-sessions",
    .area = "sales",
    .singular = "till session",
    .summary = "Registers, from their opening with a float to their closing with a count.",
    .flags = R_NO_DELETE,
    .display = "register",
    .owner = "opened_by",
    FIELDS(fields),
    .indexes = indexes,
    .checks = checks,
    ACTIONS(actions),
    .open_states = IN(OPEN),
    .check = check,
    .prove = prove,
};
