/* The receipt of a sale, as text of 42 columns for a receipt printer, or as a
 * page for a browser to print. */
#include "domain/sales/internal.h"

#define COLUMNS 42

static const Choice formats[] = {{"text"}, {"html"}, {0}};
const Field sale_receipt_input[] = {
    {"format", &T_ENUM, 0, .choices = formats, .help = "text when left out"},
    {"copy", &T_BOOL, 0, .help = "says that it is a copy"},
};

typedef struct {
    Ctx *c;
    Buf *out;
    const Row *sale;
    Row organization;
    bool copy, html;
} Receipt;

static Str amount_text(const Receipt *r, Decimal d) {
    char text[DECIMAL_TEXT_MAX];
    decimal_format(d, text);
    const char *point = strchr(text, '.');
    int places = point ? (int)strlen(point + 1) : 0;
    return arena_fmt(r->c->arena, "%s%s", text, places == 0 ? ".00" : places == 1 ? "0" : "");
}

static Str quantity_text(const Receipt *r, Decimal d) {
    char text[DECIMAL_TEXT_MAX];
    decimal_format(d, text);
    return arena_str(r->c->arena, str_of(text));
}

/* --- text --- */

static void spaces(Buf *b, size_t n) {
    for (size_t i = 0; i < n; i++) buf_char(b, ' ');
}

static Str cut(Str s, size_t most) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (((unsigned char)s.p[i] & 0xc0) != 0x80 && n++ == most) return (Str){s.p, i};
    }
    return s;
}

static void text_centered(Buf *b, Str s) {
    s = cut(s, COLUMNS);
    spaces(b, (COLUMNS - str_utf8_length(s)) / 2);
    buf_str(b, s);
    buf_char(b, '\n');
}

static void text_pair(Buf *b, Str left, Str right) {
    size_t room = COLUMNS - str_utf8_length(right) - 1;
    left = cut(left, room);
    buf_str(b, left);
    spaces(b, room - str_utf8_length(left) + 1);
    buf_str(b, right);
    buf_char(b, '\n');
}

static void text_rule(Buf *b) { buf_c(b, "------------------------------------------\n"); }

/* --- page --- */

static void escaped(Buf *b, Str s) {
    for (size_t i = 0; i < s.n; i++) switch (s.p[i]) {
        case '&': buf_c(b, "&amp;"); break;
        case '<': buf_c(b, "&lt;"); break;
        case '>': buf_c(b, "&gt;"); break;
        case '"': buf_c(b, "&quot;"); break;
        default: buf_char(b, s.p[i]);
        }
}

static const char page_begin[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Receipt</title>\n<style>\n"
    "body { font: 14px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 22rem; margin: 2rem auto; padding: 0 1rem }\n"
    "h1 { font-size: 1.15rem; margin: 0; text-align: center }\np { margin: 0; text-align: center; color: #444 }\n"
    "table { width: 100%; border-collapse: collapse; margin-top: 1rem }\ntd { padding: .2rem 0; vertical-align: top }\n"
    "td:last-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }\n"
    "small { color: #444 }\ntbody.sums { border-top: 1px solid #999 }\ntr.total td { font-weight: 700; font-size: 1.1rem; padding-top: .4rem }\n"
    "@media print { body { margin: 0 } }\n</style>\n</head>\n<body>\n";

static void page_pair(Buf *b, const char *row, Str left, Str right) {
    buf_fmt(b, "<tr%s><td>", row);
    escaped(b, left);
    buf_c(b, "</td><td>");
    escaped(b, right);
    buf_c(b, "</td></tr>\n");
}

/* --- either --- */

static void heading(const Receipt *r, Str s) {
    if (!s.n) return;
    if (!r->html) {
        text_centered(r->out, s);
        return;
    }
    buf_c(r->out, "<p>");
    escaped(r->out, s);
    buf_c(r->out, "</p>\n");
}

static void pair(const Receipt *r, const char *row, Str left, Str right) {
    if (r->html)
        page_pair(r->out, row, left, right);
    else
        text_pair(r->out, left, right);
}

static void head_write(const Receipt *r) {
    Str name = row_get(&r->organization, "name").s, tax_id = row_get(&r->organization, "tax_id").s;
    if (r->html) {
        buf_c(r->out, page_begin);
        buf_c(r->out, "<h1>");
        escaped(r->out, name);
        buf_c(r->out, "</h1>\n");
    } else {
        text_centered(r->out, name);
    }
    if (tax_id.n) heading(r, arena_fmt(r->c->arena, "Tax ID %.*s", STR_ARG(tax_id)));
    heading(r, arena_fmt(r->c->arena, "Receipt %.*s", STR_ARG(row_get(r->sale, "sale_number").s)));
    Str at = row_get(r->sale, "created_at").s;
    heading(r, arena_fmt(r->c->arena, "%.10s %.5s UTC", at.p, at.p + 11));
    heading(r, row_get(r->sale, "customer_name").s);
    if (r->copy) heading(r, S("COPY"));
    if (r->html)
        buf_c(r->out, "<table>\n<tbody>\n");
    else
        text_rule(r->out);
}

static void detail_write(const Receipt *r, Str text) {
    if (r->html) {
        buf_c(r->out, "<tr><td><small>");
        escaped(r->out, text);
        buf_c(r->out, "</small></td><td></td></tr>\n");
    } else {
        buf_str(r->out, cut(text, COLUMNS));
        buf_char(r->out, '\n');
    }
}

static void line_write(const Receipt *r, const Row *line) {
    Str each = amount_text(r, row_get(line, "unit_price").i), q = quantity_text(r, row_get(line, "quantity").i);
    Str back = row_get(line, "returned_quantity").i ? quantity_text(r, row_get(line, "returned_quantity").i) : STR_NONE;
    pair(r, "", row_get(line, "product_name").s, amount_text(r, row_get(line, "amount").i));
    detail_write(r, arena_fmt(r->c->arena, "  %.*s × %.*s", STR_ARG(q), STR_ARG(each)));
    if (back.n) detail_write(r, arena_fmt(r->c->arena, "  returned %.*s", STR_ARG(back)));
}

static void sum_write(const Receipt *r, const char *label, const char *field) {
    Value v = row_get(r->sale, field);
    if (v.kind == V_INT && v.i != 0) pair(r, "", str_of(label), amount_text(r, v.i));
}

static void sums_write(const Receipt *r, Str currency) {
    Str rate = quantity_text(r, row_get(r->sale, "tax_rate").i);
    Decimal tax = row_get(r->sale, "tax_amount").i;
    if (r->html)
        buf_c(r->out, "</tbody>\n<tbody class=\"sums\">\n");
    else
        text_rule(r->out);
    sum_write(r, "Subtotal", "subtotal");
    sum_write(r, "Discount", "discount_amount");
    if (tax) pair(r, "", arena_fmt(r->c->arena, "Tax %.*s %%", STR_ARG(rate)), amount_text(r, tax));
    pair(r, " class=\"total\"", arena_fmt(r->c->arena, "TOTAL %.*s", STR_ARG(currency)), amount_text(r, row_get(r->sale, "total_amount").i));
    pair(r, "", S("Paid by"), row_get(r->sale, "payment_method").s);
    sum_write(r, "Handed over", "tendered_amount");
    sum_write(r, "Change", "change_amount");
    sum_write(r, "Refunded", "refunded_amount");
    if (r->html) buf_c(r->out, "</tbody>\n</table>\n</body>\n</html>\n");
}

static bool organization_load(Ctx *c, Row *out) {
    return record_load(c, ctx_model(c, "organizations"), c->organization_id, out);
}

/* What the caller may not read is not there. */
static bool sale_load(Ctx *c, Call *call, Row *out) {
    Query q;
    return query_read_one(c, call->view, (Params){0}, MAY_READ, &q) && query_finds(c, &q, call->id) &&
           record_load(c, call->view->model, call->id, out);
}

bool sale_receipt(Ctx *c, Call *call) {
    Row sale;
    Settings settings;
    Receipt r = {.c = c, .out = c->body, .sale = &sale, .copy = call_value(call, "copy").i,
                 .html = str_is(call_text(call, "format"), "html")};
    if (!sale_load(c, call, &sale) || !organization_load(c, &r.organization) || !settings_get(c, &settings)) return false;
    head_write(&r);
    for (int i = 0; i < sale.n_lines; i++) line_write(&r, &sale.lines[i]);
    sums_write(&r, settings.currency_code);
    c->media_type = r.html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
    return true;
}
