/* What the files of this folder share. Not for other areas. */
#ifndef DOMAIN_PAYMENTS_INTERNAL_H
#define DOMAIN_PAYMENTS_INTERNAL_H

#include "domain/orders/orders.h"
#include "domain/payments/payments.h"
#include "domain/system/system.h"
#include "model/query.h"
#include "model/type.h"

enum { INCOMING, OUTGOING };
extern const Choice payment_directions[];
enum { PENDING, PROCESSING, COMPLETED, FAILED, REFUNDED, CANCELLED };
extern const Choice payment_states[];

/* --- allocations.c --- */
/* The payment's allocations fit it and their orders: party, direction, currency,
 * amounts. Issues, or what was left out is filled in. */
bool payment_allocations_check(Ctx *c, Change *payment);
/* What the change of a payment is for its orders: each takes no more than it has
 * outstanding (409 with the figure). */
bool payment_orders_settle(Ctx *c, const Change *payment);

/* --- refund.c --- */
extern const Field payment_refund_input[];
#define PAYMENT_REFUND_INPUTS 3
bool payment_may_refund(Ctx *c, const Change *change);
bool payment_refund(Ctx *c, Change *change);

#endif
