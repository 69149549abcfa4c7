/* Roles compiled to rights: a bit per permission of each model. */
#ifndef IDENTITY_RIGHTS_H
#define IDENTITY_RIGHTS_H

#include "model/ctx.h"

typedef struct {
    const char *name, *description;
} BuiltinRole;
extern const BuiltinRole BUILTIN_ROLES[]; /* ends with {0} */
#define ROLE_ADMIN       "admin"
#define ROLE_SALESPERSON "salesperson"
#define ROLE_CUSTOMER    "customer"

/* "products", "read"; each may be "*". */
typedef struct {
    Str resource, action;
    bool own; /* only on one's own records */
} Permission;

/* What is wrong with a permission's names; neither: they are known. */
typedef enum { PERMISSION_KNOWN, PERMISSION_NO_RESOURCE, PERMISSION_NO_ACTION } PermissionCheck;
PermissionCheck permission_check(const Registry *r, const Permission *p);

Rights *rights_new(Arena *a, const Registry *r); /* none */
void rights_add(const Registry *r, Rights *rights, const Permission *p);
/* All that the built-in role of this name gives. */
void rights_add_builtin(const Registry *r, Rights *rights, Str role);
/* All that a role of c's organization gives, read through c->db. */
bool rights_of_role(Ctx *c, int64_t role_id, Rights *out);
bool rights_within(const Registry *r, const Rights *inner, const Rights *outer);
/* Takes away what the mask does not have. */
void rights_limit(const Registry *r, Rights *rights, const Rights *mask);

/* Scopes of an API key, a JSON array of "resource:action". "*" is all. */
bool scope_parse(Str text, Permission *out);

#endif
