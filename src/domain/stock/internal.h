/* What the files of this folder share. Not for other areas. */
#ifndef DOMAIN_STOCK_INTERNAL_H
#define DOMAIN_STOCK_INTERNAL_H

#include "domain/catalog/catalog.h"
#include "domain/stock/stock.h"
#include "domain/system/system.h"
#include "model/type.h"

#define STATUS_OK "ok"

extern const Choice move_kinds[], usages[];

/* --- places.c --- */

typedef enum { INTERNAL, TRANSIT, VENDOR, CUSTOMER, PRODUCTION, LOSS } Usage;

typedef struct {
    int64_t id;
    Usage usage;
    bool may_be_negative;
    Str path;
} Place;

/* Stock there is ours and valued by the costing method. */
static inline bool usage_costed(Usage u) { return u == INTERNAL || u == TRANSIT; }

bool place_load(Ctx *c, int64_t location_id, Place *out); /* false with 422 when unknown */
bool place_is(Ctx *c, const Place *place, Usage usage);      /* false with 422; transit is as good as internal */
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

/* --- session.c: one request's changes of stock --- */

/* Where a posting's value comes from, so that it can be worked out again. */
typedef enum { BASIS_GIVEN, BASIS_COST, BASIS_REVERSAL, BASIS_TRUE_UP, BASIS_COST_SET } Basis;
extern const Choice bases[];

typedef struct {
    Row *move;          /* of stock-moves; inserted when its id is not set */
    Place from, to;
    LevelKey key;
    Str to_status;
    Basis basis;
    Decimal value;      /* of BASIS_GIVEN; result: what it was worth */
} Posting;

typedef struct {
    Row before, row;
    Row *loaded;        /* the caller has it already, and gets it back as it is stored; NULL: loaded here */
    Row *callers;       /* the same of a change being made: storing it is a part of that */
    Total total;
    const Settings *settings;
} Item;

/* The settings in c's arena; NULL with an error. */
const Settings *stock_settings(Ctx *c);
/* Of a product that is goods; an error otherwise. out->settings is set already,
 * and out->loaded or out->callers where the caller has the product's row. */
bool item_load(Ctx *c, int64_t product_id, Item *out);
bool item_store(Ctx *c, Item *item); /* and the notification when stock got low */
/* Posts one move: values it, appends its postings, changes its levels; a move
 * dated before others works the later ones out again. */
bool posting_make(Ctx *c, Item *item, Posting *p);
/* Appends a move and its postings that have no values yet; their levels are
 * made where they are missing. */
bool posting_blank(Ctx *c, Item *item, Posting *p);
/* Stores a level, and what it changes of its product's available. */
bool level_settle(Ctx *c, Item *item, Level *level);
Row move_new(Ctx *c, const char *kind, int64_t product_id, Decimal quantity);

/* --- replay.c --- */

/* Works out the values and balances of all postings of a product from a moment
 * on, and stores what differs. */
bool replay_from(Ctx *c, Item *item, const Moment *when);
/* The same from the beginning on, to compare only: false with *problem, or with
 * an error when the database cannot be read. */
bool replay_prove(Ctx *c, Item *item, Str *problem);

/* --- allocate.c --- */

/* Where stock that leaves comes from. */
typedef struct {
    int64_t location_id, lot_id;
    Decimal quantity;
} Pick;
typedef struct {
    Pick *list;
    int n;
} Picks;
bool picks_find(Ctx *c, const StockMove *m, const Item *item, Picks *out);
/* Gives back what was reserved there for the line, as it leaves. */
bool reservation_use(Ctx *c, Item *item, const StockSource *source, const Pick *pick);

bool wrong(Str *problem, Str what); /* for proofs: sets it and is false */

#endif
