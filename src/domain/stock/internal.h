/* What the files of this folder share. Not for other areas. */
#ifndef DOMAIN_STOCK_INTERNAL_H
#define DOMAIN_STOCK_INTERNAL_H

#include "domain/catalog/catalog.h"
#include "domain/stock/level.h"
#include "domain/system/system.h"
#include "model/type.h"

extern const Choice move_kinds[];

/* --- session.c: one request's changes of stock --- */

/* Where a posting's value comes from, so that it can be worked out again. */
typedef enum { BASIS_GIVEN, BASIS_COST, BASIS_REVERSAL, BASIS_TRUE_UP, BASIS_COST_SET } Basis;
extern const Choice bases[];

typedef struct {
    Row *move;          /* of stock-moves; inserted when its id is not set */
    Place from, to;
    LevelKey key;
    const Level *level; /* that it leaves, where it is loaded already; NULL: loaded here */
    Str to_status;
    Basis basis;
    Decimal value;      /* of BASIS_GIVEN; result: what it was worth */
} Posting;

/* What is the same for all moves of one call: the settings, and places that were
 * looked up already. In c's arena; NULL with an error. */
typedef struct {
    Settings settings;
    Place places[8];
    int n_places;
} Session;
Session *session_new(Ctx *c);
/* The location, or for id 0 the first of a usage. */
bool session_place(Ctx *c, Session *s, int64_t id, Usage usage, Place *out);

typedef struct {
    Row before, row;
    Row *loaded;        /* the caller has it already, and gets it back as it is stored; NULL: loaded here */
    Row *callers;       /* the same of a change being made: storing it is a part of that */
    Total total;
    Session *session;
} Item;

/* Of a product that is goods; an error otherwise. out->session is set already,
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

/* --- serials.c --- */

/* A piece with a serial number is in one place at every moment; a 409 says where
 * it is when it could not come or leave. Once the move's postings are there. */
bool serial_check(Ctx *c, const Item *item, int64_t lot_id);
bool serials_prove(Ctx *c, const Row *product, Str *problem);

/* --- allocate.c --- */

/* Where stock that leaves comes from. */
typedef struct {
    int64_t location_id, lot_id;
    Decimal quantity;
    const Level *level; /* where it was looked at; NULL otherwise */
} Pick;
typedef struct {
    Pick *list;
    int n;
} Picks;
bool picks_find(Ctx *c, const StockMove *m, const Item *item, Picks *out);
/* Gives back what was reserved there for the line, as it leaves. */
bool reservation_use(Ctx *c, Item *item, const StockSource *source, const Pick *pick);

bool layers_show(Ctx *c, Call *call); /* layers.c: the action of levels */

bool wrong(Str *problem, Str what); /* for proofs: sets it and is false */

#endif
