/* Calling an action of another resource by its name: areas meet without seeing
 * each other. */
#include "model/write.h"

#include <assert.h>

static int input_at(const Action *a, const char *field) {
    for (size_t i = 0; i < a->n_input; i++)
        if (!strcmp(a->input[i].name, field)) return (int)i;
    return -1;
}

bool action_call(Ctx *c, const Model *m, const char *action, const Given *values, int n) {
    int at = -1;
    const Action *a = model_action(m, str_of(action), &at);
    assert(a && a->run);
    Call call = {.view = &m->views[0], .action = a, .input.values = ARENA_ARRAY(c->arena, Value, a->n_input)};
    for (int i = 0; i < n; i++) {
        int to = input_at(a, values[i].field);
        assert(to >= 0);
        call.input.values[to] = values[i].value;
        if (values[i].value.kind != V_NULL) set_add(&call.given, to);
    }
    return ctx_require(c, m, m->action_permission[at]) && a->run(c, &call);
}
