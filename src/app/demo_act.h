/* What the demo company's year is told with: a calendar, and the two things
 * that can be done, making a record and acting on one, as a request would. */
#ifndef APP_DEMO_ACT_H
#define APP_DEMO_ACT_H

#include "app/demo_names.h"
#include "model/write.h"

#define DEMO_DAYS     365
#define DEMO_USERS    16
#define DEMO_PARTIES  64
#define DEMO_PRODUCTS 64

/* One document and how far it has come. */
typedef struct {
    int64_t id, other; /* other: what became of it, or belongs to it */
    int step;          /* of its life that comes next; DEMO_OVER: none */
} DemoDoc;
#define DEMO_OVER 99

typedef struct {
    Ctx *c;
    int64_t real_now, midnight; /* of today, where the company is */
    int ago;                    /* days before today that it is */
    int minute;                 /* of that day, for what comes next */
    int64_t users[DEMO_USERS], vendors[DEMO_PARTIES], customers[DEMO_PARTIES], products[DEMO_PRODUCTS];
    DemoDoc *purchases, *sales, *leads, *activities, *issues, *works;
    int64_t stages[2]; /* Proposal, Negotiation */
    int64_t till;      /* that is open */
    Decimal cash;      /* in it, above the float */
    int n_counter;     /* counter sales so far */
} Demo;

/* The morning of the day `ago` days before today. */
void demo_morning(Demo *d, int ago);
void demo_act_as(Demo *d, const char *username);
int64_t demo_user(const Demo *d, const char *username);
/* Makes a record from its JSON form, which it takes over, some minutes after
 * what came before; 0 on failure. */
int64_t demo_create(Demo *d, const char *resource, json_t *object);
/* The same, and the record itself. */
bool demo_make(Demo *d, const char *resource, json_t *object, Row *row);
/* An action of a record; `body` (or NULL) is taken over. */
bool demo_act(Demo *d, const char *resource, int64_t id, const char *action, json_t *body);
bool demo_load(Demo *d, const char *resource, int64_t id, Row *row);

/* A date so many days from that day, and an instant. */
json_t *demo_day(const Demo *d, int days);
json_t *demo_time(const Demo *d, int days, int hour);
/* Amounts go as text, which is exact. */
json_t *demo_amount(double v);
json_t *demo_decimal(Decimal v);
/* Whole numbers that look irregular and are the same every time. */
int demo_pick(int seed, int from, int to);
/* When document i of n began: days before today, over a year, closer together
 * the newer it is. */
int demo_ago(int i, int n);

/* Documents of a kind, and the days from the beginning of one to each step of
 * its life, which end with -1. */
typedef struct {
    bool (*step)(Demo *d, int i, DemoDoc *doc); /* takes doc->step; may set it to DEMO_OVER */
    DemoDoc *docs;
    int n;
    const int *after;
} DemoLives;
/* Every step that is due that day. */
bool demo_live(Demo *d, const DemoLives *l);

/* What happens on a day (demo_trade.c, demo_work.c). */
bool demo_trade_day(Demo *d);
bool demo_work_day(Demo *d);

#endif
