/* Payments: money that came in or went out, and for what. */
#ifndef DOMAIN_PAYMENTS_PAYMENTS_H
#define DOMAIN_PAYMENTS_PAYMENTS_H

#include "base/decimal.h"
#include "model/write.h"

extern const Resource payments;

/* Names of a payment_method, for the fields of documents that are paid. */
extern const Choice payment_methods[];
#define PAYMENT_CASH "cash"

/* A payment made with its document, in the same transaction. */
typedef struct {
    bool outgoing;        /* else incoming */
    Str method;
    Decimal amount;       /* above 0 */
    Str currency;         /* ISO 4217 */
    const char *resource; /* the document: "sales" */
    int64_t id;
    Value customer_id, till_session_id;
} Payment;
bool payment_record(Ctx *c, const Payment *p);

/* Followers of every order that is paid: it is not cancelled while payments are
 * for it, and its amounts are what its payments say. */
bool payments_follow_order(Ctx *c, Change *order);
bool payments_prove_order(Ctx *c, const Row *order, Str *problem);

/* For proofs: what came in less what went out for a document. */
bool payment_sum(Ctx *c, const char *resource, int64_t id, Decimal *sum);

#endif
