/* Purchase orders, sales orders and sales at the counter are one table with an
 * order_type; this is what they share: lines, totals, the party of an order,
 * and how far each line has come. */
#ifndef DOMAIN_ORDERS_ORDERS_H
#define DOMAIN_ORDERS_ORDERS_H

#include "base/decimal.h"
#include "model/write.h"

#define ORDER_LINES_MAX 500

/* Orders of every type; makes those that have no resource of their own. */
extern const Resource orders;

/* CHECKs of the orders table: total = subtotal - discount + tax + rounding. */
extern const char *const order_checks[];

/* The amounts of an order, the same for every type. */
#define ORDER_AMOUNTS                                                                              \
    {"tax_rate", &T_PERCENT, 0, .fallback = "0", .min = "0", .max = "100", .example = "18"},       \
    {"discount_amount", &T_MONEY, 0, .fallback = "0", .min = "0"},                                 \
    ORDER_TOTALS,                                                                                  \
    ORDER_PAYMENT,                                                                                 \
    {"notes", &T_LONG_TEXT, F_LATE | F_SEARCH}

/* Kept by payments, apart from the status. Counter sales are paid when made. */
#define ORDER_PAYMENT                                                                              \
    {"paid_amount", &T_MONEY, F_READONLY | F_DERIVED, .help = "by completed payments, less what was refunded"}, \
    {"outstanding_amount", &T_MONEY, F_READONLY | F_DERIVED,                                       \
     .help = "what can still be paid: payments on their way are taken off already"},               \
    {"payment_status", &T_ENUM, F_READONLY | F_DERIVED | F_FILTER, .choices = order_payment_states}

#define ORDER_TOTALS                                                                               \
    {"subtotal", &T_MONEY, F_READONLY, .fallback = "0", .help = "sum of the lines' amounts",       \
     .example = "900"},                                                                            \
    {"tax_amount", &T_MONEY, F_READONLY, .fallback = "0",                                          \
     .help = "tax_rate percent of subtotal less discount, rounded half-up to the minor unit",      \
     .example = "162"},                                                                            \
    {"rounding_amount", &T_MONEY, F_READONLY, .fallback = "0"},                                    \
    {"total_amount", &T_MONEY, F_READONLY | F_SUM | F_SORT, .fallback = "0", .example = "1062"}

/* A line's fields with the code and name called as this type of order does. */
#define ORDER_LINE(code, name)                                                                     \
    {code, &T_TEXT, F_REQUIRED, .column = "code", .max_length = 64, .example = "\"YARN-40S\""},    \
    {name, &T_TEXT, F_REQUIRED, .column = "name", .example = "\"Cotton yarn 40s\""},               \
    {"quantity", &T_QUANTITY, F_REQUIRED, .min = "0.0001", .example = "100"},                      \
    {"unit_price", &T_MONEY, F_REQUIRED, .min = "0", .example = "9"},                              \
    {"amount", &T_MONEY, F_READONLY, .fallback = "0",                                              \
     .help = "quantity × unit_price, rounded half-up to the minor unit", .example = "900"},        \
    {"product_id", &T_REF, F_READONLY | F_FILTER, .ref = "products", .found_by = code,                          \
     .help = "the product whose SKU the code is"}

/* What postings keep of a line. */
#define ORDER_PROGRESS(name, text) \
    {name, &T_QUANTITY, F_READONLY | F_DERIVED, .fallback = "0", .help = text}

/* none, partial, full: how much of an order has come or gone. */
extern const Choice order_progress[];

/* none, partial, paid. */
extern const Choice order_payment_states[];
const char *order_payment_state(Decimal paid, Decimal total);

/* Computes every amount and checks the dates.
 * For the check hook; does nothing when deleting. */
bool order_complete(Ctx *c, Change *change, const char *date_field);
/* The amounts alone. */
bool order_totals(Ctx *c, Change *change);

/* The party of an order: `id_field` refers to it, `name_field` is its name on
 * the document. An unknown id with a name finds the party by that name or
 * creates it; without a name it is an issue. */
bool order_party(Ctx *c, Change *change, const char *id_field, const char *name_field);

/* For verify: lines, subtotal, tax and total agree. */
bool order_prove(Ctx *c, const Row *order, Str *problem);

/* And each field of a line is the sum of its moves of a kind, less those of the
 * next field's; or, where it is no goods, what the journal says. */
typedef struct {
    const char *field, *kind, *less; /* ends with {0} */
} OrderPosted;
bool order_posted_prove(Ctx *c, const Row *order, const OrderPosted *posted, Str *problem);

/* And a field of the order says how far `done` of its lines is. */
typedef struct {
    const char *field;
    Decimal (*done)(const Row *line);
} OrderProgress;
bool order_progress_prove(Ctx *c, const Row *order, const OrderProgress *progress, Str *problem);

/* --- progress.c: what an action does to some lines, or to all --- */

/* One line of an order that something arrives or leaves of. */
typedef struct {
    int at;            /* in the order's lines */
    int input;         /* in the body's lines; -1: all of the order was meant */
    Decimal quantity;  /* above 0 */
    Row *line;         /* to be changed */
    Row *product;      /* NULL: a line without one; the same for all its lines in an action */
    bool goods;        /* stock is kept of it */
} OrderStep;

typedef struct {
    OrderStep *list;
    int n;
} OrderSteps;

/* The lines that the transition's body names, with their quantities; without
 * lines in it, what is `open` of every line. An unknown line, one named twice
 * (but for its lots): issues. Nothing left to do: 409 saying `what`. */
typedef struct {
    Decimal (*open)(const Row *line);
    const char *what; /* "received" */
} OrderMeasure;
bool order_steps(Ctx *c, Change *change, const OrderMeasure *measure, OrderSteps *out);

/* The location that the body names, by id or code; 0 when it names none. */
bool order_place(Ctx *c, const Change *ch, int64_t *id);

/* Loads the product of step->line where it has one, and whether it is goods. */
bool order_step_product(Ctx *c, OrderStep *step);
/* A line's field plus a difference. */
void line_add(Row *line, const char *field, Decimal difference);
/* How far all lines are: the choice of order_progress, by what is done of each. */
const char *order_progress_of(const Row *order, Decimal (*done)(const Row *line));
/* A 409 that names the line: "line 2 (YARN-40S): at most 5 can be received". */
bool line_limit(Ctx *c, const OrderStep *step, Decimal most, const char *what);

/* --- returns.c: the named lines, or all, go back the way they came --- */

/* The body of an action that takes goods back: how, and which lines. */
#define ORDER_RETURN_INPUT(place, status, reason)                                                  \
    {"location_id", &T_REF, 0, .ref = "locations", .help = place},                                 \
    {"stock_status", &T_ENUM, 0, .choices = stock_statuses, .help = status},                       \
    {"reason", &T_TEXT, 0, .example = reason}
#define ORDER_REPLACEMENT(text) {"replacement", &T_BOOL, 0, .help = text}
extern const Lines order_back_lines;

typedef struct {
    OrderMeasure measure;  /* what of a line can go back */
    const char *kind, *as; /* of the moves that are taken back, and of the opposite ones */
    const char *lessens;   /* the line's field that falls by it; NULL: none */
} OrderReturn;
bool order_take_back(Ctx *c, Change *ch, const OrderReturn *r);
bool order_return_is_final(const Change *ch);
/* The lot that the body's line names; 0: none. */
bool order_step_lot(Ctx *c, const Change *ch, const OrderStep *step, int64_t *lot);

#endif
