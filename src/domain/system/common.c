/* Small things that several files of this folder need. */
#include "domain/system/internal.h"

Input patch_new(Ctx *c, const Model *m) { return (Input){.row = row_new(c->arena, m), .status = -1}; }

void patch_give(Input *in, const char *field, Value v) {
    int at = model_field(in->row.model, field)->index;
    in->row.values[at] = v;
    set_add(&in->given, at);
}
