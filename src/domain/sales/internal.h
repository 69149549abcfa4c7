/* What the files of this folder share. Not for other areas. */
#ifndef DOMAIN_SALES_INTERNAL_H
#define DOMAIN_SALES_INTERNAL_H

#include "domain/catalog/catalog.h"
#include "domain/orders/orders.h"
#include "domain/payments/payments.h"
#include "domain/sales/sales.h"
#include "domain/stock/stock.h"
#include "domain/system/system.h"
#include "model/type.h"
#include "model/query.h"
#include "model/write.h"

/* --- till_sessions.c --- */
/* The open session of a register, or without a name the caller's own. False
 * without an error when there is none. */
bool till_open_find(Ctx *c, Value register_name, Row *out);

/* --- receipt.c --- */
bool sale_receipt(Ctx *c, Call *call);
extern const Field sale_receipt_input[];

#endif
