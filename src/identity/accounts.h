/* People, over all organizations: accounts and their memberships. */
#ifndef IDENTITY_ACCOUNTS_H
#define IDENTITY_ACCOUNTS_H

#include "identity/internal.h"

typedef struct {
    int64_t id, epoch;
    Str email, username, full_name, password_hash;
    bool active;
} Account;

/* By user name or e-mail address in any case; id 0 when there is none. False
 * only when the database failed. */
bool account_find(Ctx *c, Str name, Account *out);
bool account_load(Ctx *c, int64_t id, Account *out);
/* E_DUPLICATE naming the field when another account has a name of this one. */
bool account_names_free(Ctx *c, const Account *a);
/* A free user name for a new account: the address, with what a user name may
 * not hold replaced, and a number behind it when that is taken. */
bool username_of_email(Ctx *c, Str email, Str *out);
bool account_insert(Ctx *c, Account *a);       /* sets id */
bool account_update(Ctx *c, const Account *a); /* email, username, full_name */
/* Makes every access token of the account worthless and ends its sessions but
 * `keep` (0: none). */
bool account_set_password(Ctx *c, int64_t account_id, Str hash, int64_t keep);

typedef struct {
    int64_t account_id, organization_id, user_id;
} Membership;
bool membership_add(Ctx *c, const Membership *m);
/* All of an account's, in the arena. */
bool memberships_of(Ctx *c, int64_t account_id, Membership **out, int *n);

#endif
