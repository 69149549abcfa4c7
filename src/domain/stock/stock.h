/* Stock: what there is, where, and what it is worth. Two columns of integers
 * that prove each other: postings that are never edited, and levels that every
 * posting changes in the same transaction.
 *
 * A done move is two postings in the ledger, −q and −v at one location, +q and
 * +v at another; over all locations, those of vendors, customers, production
 * and losses included, each product sums to zero. Other areas of the business
 * call post, reserve and reverse; nothing else writes stock. All of it runs on
 * the writer, inside the request's transaction; quantities are in the product's
 * unit. Every failure is in c->err (409 with the figure that was possible). */
#ifndef DOMAIN_STOCK_STOCK_H
#define DOMAIN_STOCK_STOCK_H

#include "base/decimal.h"
#include "model/write.h"

extern const Resource warehouses, locations, lots, stock_moves, stock_ledger, stock_levels, stock_reservations;

extern const Choice stock_statuses[]; /* ok, quarantined, damaged, rejected */

/* Kinds of moves: the names of `kind`. */
#define MOVE_RECEIPT       "receipt"        /* vendor → internal */
#define MOVE_DELIVERY      "delivery"       /* internal → customer */
#define MOVE_TRANSFER      "transfer"       /* internal → internal, or to another stock status */
#define MOVE_ADJUSTMENT    "adjustment"     /* a count: loss ↔ internal */
#define MOVE_SCRAP         "scrap"          /* internal → loss */
#define MOVE_RETURN        "return"         /* customer → internal */
#define MOVE_VENDOR_RETURN "vendor_return"  /* internal → vendor */
#define MOVE_PRODUCE       "production_in"  /* production → internal */
#define MOVE_CONSUME       "production_out" /* internal → production */
#define MOVE_REVALUATION   "revaluation"    /* value without quantity, see cost.c */

/* A line of a document that stock is moved or reserved for. */
typedef struct {
    const char *resource; /* "sales-orders"; NULL: none */
    int64_t id, line_id;
} StockSource;

/* What to move. What is left out follows from the kind: the first location of
 * its usage, stock that is ok, now. Without a lot, stock leaves from where it
 * is: what is reserved for the source line, else the first locations that have
 * some available, the lots that expire first. */
typedef struct {
    const char *kind;
    int64_t product_id;
    Row *product;          /* as the caller has loaded it, and kept up to date; NULL: loaded here */
    Decimal quantity;      /* above 0 */
    int64_t from, to;      /* locations; 0: by the kind */
    int64_t lot_id;        /* 0: none, or any that leaves */
    Str status;            /* stock status; empty: ok */
    bool has_value;
    Decimal value;         /* what comes in from outside is worth; else quantity × the product's cost */
    Str effective_at;      /* an instant up to now; empty: now */
    StockSource source;
    bool reserved;         /* only what is reserved for the source line leaves */
    Decimal out_value;     /* result: what it was worth */
} StockMove;
bool stock_post(Ctx *c, StockMove *moves, int n);

/* The lot or serial number of a product called `name`, 0 when there is none and
 * it is not to be made. */
typedef struct {
    int64_t product_id;
    Str name;
    Value best_before; /* of a lot that is made */
    bool make;
} StockLot;
bool stock_lot(Ctx *c, const StockLot *lot, int64_t *id);

/* Changes what is reserved for a source line to `target`, or as near to it as
 * there is stock available; the result in *reserved. 0 releases. */
typedef struct {
    int64_t product_id;
    StockSource source;
    int64_t location_id; /* preferred; 0: any */
} StockDemand;
bool stock_reserve(Ctx *c, const StockDemand *demand, Decimal target, Decimal *reserved);

/* Takes moves back by opposite ones that name them, at the value they had: one
 * move, or the moves of one kind for a source line, the newest first; those may
 * leave from another place, or come back to one, than where they were. */
typedef struct {
    int64_t move_id;       /* 0: by source and kind */
    StockSource source;
    const char *kind;      /* of the moves that are taken back */
    const char *as;        /* kind of the opposite moves */
    Decimal quantity;      /* 0: all that is not taken back yet */
    StockSource cause;     /* what the opposite moves are for; none: as the first */
    int64_t lot_id;        /* 0: any */
    int64_t at;            /* our location that it leaves or comes to; 0: as it came or left */
    Str status;            /* of our stock there; empty: as it came or left */
    Str reason;
} StockReversal;
bool stock_reverse(Ctx *c, const StockReversal *reversal);

/* Followers, for app/modules.c: a given quantity becomes an adjustment; every
 * organization has a warehouse and its standard locations; the valuation method
 * stays once something is posted. */
bool stock_follow_product(Ctx *c, Change *product);
bool stock_prove_product(Ctx *c, const Row *product, Str *problem);
bool stock_follow_organization(Ctx *c, Change *organization);
bool stock_follow_settings(Ctx *c, Change *settings);

/* A scheduled job: tells of lots and products that expire soon, once. */
bool stock_expiry_job(Ctx *c);

#endif
