/* Places, what there is in them, and what it is worth: the floor that postings
 * stand on. Only for the files of this folder, through internal.h. */
#ifndef DOMAIN_STOCK_LEVEL_H
#define DOMAIN_STOCK_LEVEL_H

#include "domain/stock/stock.h"

#define STATUS_OK "ok"

extern const Choice usages[];

/* --- places.c --- */

typedef enum { INTERNAL, TRANSIT, VENDOR, CUSTOMER, PRODUCTION, LOSS } Usage;

typedef struct {
    int64_t id;
    Usage usage;
    bool may_be_negative;
    bool first; /* it was asked for as the first of its usage */
    Str path;
} Place;

/* Stock there is ours and valued by the costing method. */
static inline bool usage_costed(Usage u) { return u == INTERNAL || u == TRANSIT; }

bool place_load(Ctx *c, int64_t location_id, Place *out); /* false with 422 when unknown */
bool place_is(Ctx *c, const Place *place, Usage usage);   /* false with 422; transit is as good as internal */
bool place_of_usage(Ctx *c, Usage usage, Place *out);     /* the first of it, made when there is none */

/* --- level.c: stock of one product, location, lot and status --- */

/* First-in first-out: the oldest receipt that is not used up. Those that follow
 * it in the ledger of the level are whole. */
typedef struct {
    char at[TIME_TEXT];
    int64_t order;
    Decimal quantity, value;
} Layer;

typedef struct {
    int64_t id; /* 0: not stored yet */
    Place place;
    Decimal on_hand, value, reserved;
    Layer front;
    Row before, row; /* as stored, and as it will be */
} Level;

typedef struct {
    int64_t product_id, lot_id;
    Str status;
} LevelKey;

bool level_load(Ctx *c, const LevelKey *key, const Place *place, Level *out);
/* A level that is there, by its id. */
bool level_load_id(Ctx *c, int64_t id, Level *out);
/* Guards: on hand and available do not fall below zero unless they may. */
bool level_store(Ctx *c, const Row *product, bool negative_ok, Level *level);

/* --- cost.c --- */

/* Where in the ledger of a product something stands. */
typedef struct {
    Str at;
    int64_t order;
} Moment;

/* A product's stock while postings go by: over all internal locations. */
typedef struct {
    bool fifo;
    Decimal quantity, value, cost; /* cost: of one unit, the last known */
} Total;

/* What q leaving a level is worth, and takes it out. */
bool cost_out(Ctx *c, const Total *total, Level *level, Decimal q, Decimal *value);
/* The same at a value that is asked for (a reversal), as far as it is there. */
bool cost_out_at(Ctx *c, const Total *total, Level *level, Decimal q, Decimal *value);
/* q worth `value` comes in. *true_up is what was charged too little for stock
 * that had left before it came, to be taken out as a revaluation. */
bool cost_in(Level *level, const Moment *when, Decimal q, Decimal value, Decimal *true_up);
/* A posting's share in the product's total. */
bool total_add(Total *total, const Place *place, Decimal q, Decimal value);
/* The part of `value` that q of `all` is, behind what was taken before. */
Decimal cost_share(Decimal value, Decimal taken, Decimal q, Decimal all);
/* The layers before a moment: sets the front of a level whose on_hand and value
 * are those of that moment. */
bool cost_front_at(Ctx *c, Level *level, const Moment *when);

#endif
