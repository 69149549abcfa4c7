/* The demo company's other days: whom it would like to sell to, whom it talks
 * to, what went wrong, and what is made. As in demo_trade.c each record lives
 * step by step. */
#include "app/demo.h"
#include "app/demo_act.h"

/* --- leads and deals --- */

static bool lead_make(Demo *d, int i, DemoDoc *doc) {
    const DemoLead *l = &demo_leads[(size_t)i % demo_leads_n];
    static const char *const places[] = {"Pune", "Surat", "Hyderabad", "Mumbai", "Jaipur", "Kochi"};
    static const char *const sources[] = {"website", "referral", "event", "cold_call", "partner"};
    demo_act_as(d, "sales");
    doc->id = demo_create(d, "leads", json_pack("{s:s, s:o, s:o, s:s, s:s, s:i, s:i, s:I}", "name", l->name, "company",
                                                json_sprintf("%s %s", l->company, places[i / (int)demo_leads_n % 6]), "email",
                                                json_sprintf("%s.%d@%s.example", l->mail, i, "buyers"), "source", sources[i % 5],
                                                "city", places[i % 6], "lead_score", demo_pick(i, 2, 19) * 5, "estimated_value",
                                                demo_pick(i, 4, 90) * 5000, "assigned_to", (json_int_t)demo_user(d, "sales")));
    return doc->id != 0;
}

static bool lead_end(Demo *d, int i, DemoDoc *doc, const char *how) {
    static const char *const why[] = {"Buys from a relative", "Too small an order for a dye lot", "No answer after three calls"};
    doc->step = DEMO_OVER;
    return demo_act(d, "leads", doc->id, how, json_pack("{s:s}", "reason", why[i % 3]));
}

static bool lead_convert(Demo *d, int i, DemoDoc *doc) {
    Row row;
    const char *title = demo_wishes[(size_t)i % demo_wishes_n];
    if (!demo_act(d, "leads", doc->id, "convert",
                  json_pack("{s:s, s:o}", "deal_title", title, "expected_close_date", demo_day(d, demo_pick(i, 12, 40)))) ||
        !demo_load(d, "leads", doc->id, &row))
        return false;
    doc->other = row_get(&row, "converted_deal_id").i;
    return true;
}

static bool deal_move(Demo *d, const DemoDoc *doc, int stage) {
    return demo_act(d, "deals", doc->other, "move_stage", json_pack("{s:I}", "stage_id", (json_int_t)d->stages[stage]));
}

static bool lead_step(Demo *d, int i, DemoDoc *doc) {
    if (doc->step) demo_act_as(d, "sales");
    switch (doc->step) {
    case 0: return lead_make(d, i, doc);
    case 1: return demo_act(d, "leads", doc->id, "contact", NULL);
    case 2: return i % 7 == 2 ? lead_end(d, i, doc, "disqualify") : i % 7 == 5 ? lead_end(d, i, doc, "lose") : demo_act(d, "leads", doc->id, "qualify", NULL);
    case 3: return lead_convert(d, i, doc);
    case 4: return deal_move(d, doc, 0);
    case 5: return deal_move(d, doc, 1);
    default: break;
    }
    if (i % 3 == 0) return demo_act(d, "deals", doc->other, "mark_lost", json_pack("{s:s}", "lost_reason", "A cheaper offer"));
    return demo_act(d, "deals", doc->other, "mark_won", NULL);
}

/* --- activities --- */

static bool activity_make(Demo *d, int i, DemoDoc *doc) {
    static const char *const types[] = {"call", "meeting", "task", "email", "call", "note"};
    const char *type = types[i % 6];
    json_t *a = json_pack("{s:s, s:s, s:I}", "activity_type", type, "title", demo_talks[(size_t)i % demo_talks_n], "customer_id",
                          (json_int_t)d->customers[(size_t)demo_pick(i + 800, 0, 99) % demo_customers_n]);
    demo_act_as(d, i % 4 ? "sales" : "manager");
    if (strcmp(type, "task") == 0) json_object_set_new(a, "due_date", demo_day(d, demo_pick(i, 2, 9)));
    else if (strcmp(type, "note") != 0) json_object_set_new(a, "scheduled_at", demo_time(d, demo_pick(i, 2, 9), demo_pick(i, 10, 17)));
    doc->id = demo_create(d, "activities", a);
    if (strcmp(type, "note") == 0) doc->step = DEMO_OVER;
    return doc->id != 0;
}

static bool activity_step(Demo *d, int i, DemoDoc *doc) {
    static const char *const outcomes[] = {"They want an offer", "Will order after the holidays", "Samples were sent", "Agreed on the shade"};
    if (doc->step == 0) return activity_make(d, i, doc);
    doc->step = DEMO_OVER;
    if (i % 19 == 7 && d->ago < 80) return true; /* forgotten */
    demo_act_as(d, i % 4 ? "sales" : "manager");
    return demo_act(d, "activities", doc->id, i % 13 == 8 ? "cancel" : "complete", json_pack("{s:s}", "outcome", outcomes[i % 4]));
}

/* --- issues --- */

static bool issue_make(Demo *d, int i, DemoDoc *doc) {
    static const char *const priorities[] = {"low", "medium", "medium", "high", "urgent"};
    const DemoIssue *issue = &demo_issues[(size_t)i % demo_issues_n];
    demo_act_as(d, i % 2 ? "sales" : "staff");
    doc->id = demo_create(d, "issues", json_pack("{s:s, s:s, s:s, s:I}", "title", issue->title, "category", issue->category, "priority",
                                                 priorities[demo_pick(i, 0, 4)], "customer_id",
                                                 (json_int_t)d->customers[(size_t)demo_pick(i + 900, 0, 99) % demo_customers_n]));
    return doc->id != 0;
}

static bool issue_step(Demo *d, int i, DemoDoc *doc) {
    static const char *const people[] = {"sales", "stock", "manager"};
    if (doc->step) demo_act_as(d, people[i % 3]);
    switch (doc->step) {
    case 0: return issue_make(d, i, doc);
    case 1:
        return demo_act(d, "issues", doc->id, "assign", json_pack("{s:I}", "assigned_to", (json_int_t)demo_user(d, people[i % 3]))) &&
               demo_act(d, "issues", doc->id, "comment", json_pack("{s:s}", "comment", "We look into it today."));
    case 2:
        if (i % 11 == 6 && d->ago < 90) doc->step = DEMO_OVER; /* nobody found why */
        return doc->step == DEMO_OVER ||
               demo_act(d, "issues", doc->id, "resolve", json_pack("{s:s}", "resolution_notes", demo_issues[(size_t)i % demo_issues_n].solved));
    default: return demo_act(d, "issues", doc->id, "close", NULL);
    }
}

/* --- what is made --- */

static size_t made_by(int i) {
    return demo_materials_n + (size_t)demo_pick(i + 500, 0, 99) % (demo_products_n - demo_materials_n);
}

static bool work_make(Demo *d, int i, DemoDoc *doc) {
    static const char *const priorities[] = {"low", "medium", "medium", "high", "urgent"};
    static const char *const people[] = {"operator", "staff", "operator"};
    json_t *work = json_pack("{s:I, s:i, s:s, s:o, s:I}", "product_id", (json_int_t)d->products[made_by(i)], "quantity",
                             demo_pick(i, 4, 40) * 5, "priority", priorities[demo_pick(i, 0, 4)], "due_date",
                             demo_day(d, demo_pick(i, 7, 21)), "assigned_to", (json_int_t)demo_user(d, people[i % 3]));
    demo_act_as(d, "manager");
    if (i % 4)
        json_object_set_new(work, "customer_id", json_integer(d->customers[(size_t)demo_pick(i + 600, 0, 99) % demo_customers_n]));
    doc->id = demo_create(d, "work-orders", work);
    return doc->id != 0;
}

static bool move(Demo *d, const char *kind, size_t product, int quantity) {
    return demo_create(d, "stock-moves", json_pack("{s:s, s:I, s:i}", "kind", kind, "product_id", (json_int_t)d->products[product],
                                                   "quantity", quantity)) != 0;
}

/* Yarn goes into the loom, as far as there is any. */
static bool work_start(Demo *d, int i, const DemoDoc *doc) {
    size_t yarn = (size_t)i % 4;
    int quantity = demo_pick(i, 4, 40) * 3;
    Row row;
    if (!demo_act(d, "work-orders", doc->id, "start", NULL) || !demo_load(d, "products", d->products[yarn], &row)) return false;
    return row_get(&row, "available").i < quantity * (Decimal)DECIMAL_SCALE || move(d, "production_out", yarn, quantity);
}

static bool work_complete(Demo *d, int i, const DemoDoc *doc) {
    return demo_act(d, "work-orders", doc->id, "complete", NULL) && move(d, "production_in", made_by(i), demo_pick(i, 4, 40) * 5);
}

static bool work_step(Demo *d, int i, DemoDoc *doc) {
    if (doc->step > 1) demo_act_as(d, i % 3 == 1 ? "staff" : "operator");
    switch (doc->step) {
    case 0: return work_make(d, i, doc);
    case 1: return demo_act(d, "work-orders", doc->id, i % 13 == 9 ? (doc->step = DEMO_OVER, "cancel") : "release", NULL);
    case 2: return work_start(d, i, doc);
    case 3:
        if (i % 10 == 6 && d->ago < 50) doc->step = DEMO_OVER; /* a loom waits for a part */
        return i % 5 != 1 || demo_act(d, "work-orders", doc->id, "pause", NULL);
    case 4: return i % 5 != 1 || demo_act(d, "work-orders", doc->id, "resume", NULL);
    default: return work_complete(d, i, doc);
    }
}

bool demo_work_day(Demo *d) {
    static const int leads[] = {0, 2, 5, 9, 14, 22, 31, -1}, activities[] = {0, 6, -1}, issues[] = {0, 1, 4, 9, -1};
    static const int works[] = {0, 1, 3, 5, 7, 11, -1};
    const DemoLives lives[] = {{lead_step, d->leads, DEMO_LEADS, leads}, {activity_step, d->activities, DEMO_ACTIVITIES, activities},
                               {issue_step, d->issues, DEMO_ISSUES, issues}, {work_step, d->works, DEMO_WORKS, works}};
    for (int i = 0; i < 4; i++)
        if (!demo_live(d, &lives[i])) return false;
    return true;
}
