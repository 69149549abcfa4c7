/* The schema: what the registry says becomes tables, keys and triggers that
 * the database itself enforces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* cmocka's; ours is in base/error.h */
#include "base/words.h"
#include "model/schema.h"
#include "tiny.h"

typedef struct {
    Registry *registry;
    Buf sql;
    Db *db;
} Made;

static int set_up(void **state) {
    Made *m = calloc(1, sizeof *m);
    DbError error;
    m->registry = tiny_registry(NULL);
    m->db = db_open(&(DbConfig){.url = "sqlite::memory:"}, DB_WRITE, &error);
    assert_non_null(m->db);
    schema_write(m->registry, &m->db->driver->dialect, &m->sql);
    if (!db_exec(m->db, buf_c_str(&m->sql))) print_error("%s\n", m->db->error.message);
    assert_false(db_failed(m->db));
    assert_true(db_exec(m->db, "INSERT INTO organizations VALUES (1, 'A', 1, NULL, '', ''),"
                               " (2, 'B', 1, NULL, '', '');"
                               "INSERT INTO vendors VALUES (5, 1, 'Steel', NULL, 1, NULL, '', '');"));
    *state = m;
    return 0;
}

static int tear_down(void **state) {
    Made *m = *state;
    db_close(m->db);
    registry_free(m->registry);
    buf_free(&m->sql);
    free(m);
    return 0;
}

static DbStatus run(Made *m, const char *sql) {
    db_clear_error(m->db);
    db_exec(m->db, sql);
    return m->db->error.status;
}

static void assert_has(Made *m, const char *text) {
    if (!strstr(buf_c_str(&m->sql), text)) print_error("not in the schema: %s\n", text);
    assert_non_null(strstr(buf_c_str(&m->sql), text));
}

static void assert_has_not(Made *m, const char *text) {
    if (strstr(buf_c_str(&m->sql), text)) print_error("in the schema: %s\n", text);
    assert_null(strstr(buf_c_str(&m->sql), text));
}

static void fields_are_found(const Model *m) {
    char elsewhere[64];
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        snprintf(elsewhere, sizeof elsewhere, "%s", f->name.p);
        assert_ptr_equal(model_field(m, f->name.p), f);
        assert_ptr_equal(model_field(m, elsewhere), f);
    }
    if (m->lines) fields_are_found(m->lines);
}

static void a_field_is_found_wherever_its_name_is_kept(void **state) {
    const Made *m = *state;
    for (int i = 0; i < m->registry->n; i++) fields_are_found(&m->registry->models[i]);
}

#define ORDER_COLUMNS                                                                              \
    "INSERT INTO orders (organization_id, order_type, number, status, subtotal, tax, total, "      \
    "version, created_at, updated_at, vendor_id) VALUES "

static void the_same_registry_gives_the_same_text(void **state) {
    Made *m = *state;
    Buf again = {0};
    schema_write(m->registry, &m->db->driver->dialect, &again);
    assert_string_equal(buf_c_str(&again), buf_c_str(&m->sql));
    buf_free(&again);
}

static void a_link_into_another_organization_is_refused(void **state) {
    Made *m = *state;
    assert_int_equal(run(m, ORDER_COLUMNS "(1, 'purchase', 'N-1', 'draft', 0, 0, 0, 1, '', '', 5)"),
                     DB_OK);
    assert_int_equal(run(m, ORDER_COLUMNS "(2, 'purchase', 'N-1', 'draft', 0, 0, 0, 1, '', '', 5)"),
                     DB_FOREIGN_KEY);
}

static void lines_go_with_their_parent_only(void **state) {
    Made *m = *state;
    assert_int_equal(run(m, ORDER_COLUMNS "(1, 'purchase', 'N-1', 'draft', 0, 0, 0, 1, '', '', 5);"
                            "INSERT INTO order_lines VALUES (1, 1, 1, 1, NULL, 10000)"),
                     DB_OK);
    assert_int_equal(run(m, "INSERT INTO order_lines VALUES (2, 2, 1, 1, NULL, 10000)"),
                     DB_FOREIGN_KEY);
    assert_int_equal(run(m, "DELETE FROM orders"), DB_OK);
    Stmt *st = db_prepare(m->db, S("SELECT count(*) FROM order_lines"));
    assert_true(stmt_step(st));
    assert_int_equal(stmt_int(st, 0), 0);
    stmt_reset(st);
}

static void what_one_kind_requires_the_other_may_lack(void **state) {
    Made *m = *state;
    assert_int_equal(run(m, ORDER_COLUMNS "(1, 'sale', 'N-1', 'draft', 0, 0, 0, 1, '', '', NULL)"),
                     DB_OK);
    assert_int_equal(run(m, ORDER_COLUMNS "(1, 'purchase', 'N-1', 'draft', 0, 0, 0, 1, '', '', NULL)"),
                     DB_CHECK);
    assert_string_equal(m->db->error.columns, "ck_orders_vendor_id");
    assert_has(m, "urgency INTEGER NOT NULL DEFAULT 3");
}

static void numbers_are_unique_per_kind_and_organization(void **state) {
    Made *m = *state;
    const char *sale = ORDER_COLUMNS "(1, 'sale', 'N-1', 'draft', 0, 0, 0, 1, '', '', NULL)";
    assert_int_equal(run(m, sale), DB_OK);
    assert_int_equal(run(m, sale), DB_UNIQUE);
    assert_int_equal(run(m, ORDER_COLUMNS "(2, 'sale', 'N-1', 'draft', 0, 0, 0, 1, '', '', NULL)"),
                     DB_OK);
    assert_int_equal(run(m, ORDER_COLUMNS "(1, 'purchase', 'N-1', 'draft', 0, 0, 0, 1, '', '', 5)"),
                     DB_OK);
}

static void a_resources_checks_are_kept_by_the_database(void **state) {
    Made *m = *state;
    assert_int_equal(run(m, ORDER_COLUMNS "(1, 'sale', 'N-1', 'draft', 5, 1, 7, 1, '', '', NULL)"),
                     DB_CHECK);
    assert_string_equal(m->db->error.columns, "ck_orders_1");
    assert_has_not(m, "ck_orders_2"); /* both kinds say the same one */
}

static void an_append_only_table_refuses_changes(void **state) {
    Made *m = *state;
    assert_int_equal(run(m, "INSERT INTO journal VALUES (1, 1, 1)"), DB_OK);
    assert_int_equal(run(m, "UPDATE journal SET sequence = 2"), DB_CHECK);
    assert_int_equal(run(m, "DELETE FROM journal"), DB_CHECK);
    assert_string_equal(m->db->error.columns, "journal_append_only");
}

static void indexes_are_there_once(void **state) {
    Made *m = *state;
    assert_has(m, "CREATE INDEX orders_status_due_date_idx ON orders (organization_id, order_type, "
                  "status, due_date);");
    assert_has(m, "orders_status_idx"); /* for the order by id, which the one above has not */
    assert_has(m, "orders_due_date_idx ON orders (organization_id, order_type, due_date);");
    /* Purchases have no buyer, and need no entry. */
    assert_has(m, "orders_buyer_idx ON orders (organization_id, order_type, buyer) WHERE order_type = 'sale';");
    assert_has(m, "CREATE UNIQUE INDEX orders_number_key ON orders (organization_id, order_type, number)");
    assert_has_not(m, "orders_number_idx");
    assert_has(m, "orders_vendor_id_idx ON orders (organization_id, vendor_id) WHERE vendor_id IS NOT NULL");
    assert_has(m, "users_account_id_idx ON users (account_id)");
    assert_has_not(m, "created_by_idx");
}

static bool has_index(Made *m, const ModelField *f) {
    Stmt *st = db_prepare(m->db, S("SELECT 1 FROM pragma_index_list(?1) l JOIN pragma_index_info(l.name) i WHERE i.name = ?2 "
                                   "AND NOT EXISTS (SELECT 1 FROM pragma_index_info(l.name) b WHERE b.seqno < i.seqno "
                                   "AND b.name NOT IN ('organization_id', 'order_type'))"));
    stmt_bind_text(st, 1, f->model->table);
    stmt_bind_text(st, 2, f->column);
    bool there = stmt_step(st);
    stmt_reset(st);
    assert_false(db_failed(m->db));
    return there;
}

static void lists_are_told_which_fields_have_an_index(void **state) {
    Made *m = *state;
    int indexed = 0, others = 0;
    for (int i = 0; i < m->registry->n; i++) {
        const Model *model = &m->registry->models[i];
        for (int k = 0; k < model->n; k++) {
            const ModelField *f = &model->fields[k];
            if (f->index == model->id || f->flags & (F_NO_COLUMN | F_UNIQUE)) continue;
            if (field_indexed(f) != has_index(m, f)) print_error("%s.%s\n", model->name.p, f->name.p);
            assert_int_equal(field_indexed(f), has_index(m, f));
            indexed += field_indexed(f);
            others += !field_indexed(f);
        }
    }
    assert_true(indexed >= 5 && others >= 20); /* created_by among these */
}

static void a_deleted_parent_is_looked_for_by_index(void **state) {
    Made *m = *state;
    Stmt *st = db_prepare(m->db, S("EXPLAIN QUERY PLAN SELECT 1 FROM orders "
                                   "WHERE organization_id = ?1 AND vendor_id = ?2"));
    assert_true(stmt_step(st));
    assert_non_null(strstr(stmt_text(st, 3).p, "orders_vendor_id_idx"));
    stmt_reset(st);
}

static void search_tables_can_be_filled_from_their_tables(void **state) {
    Made *m = *state;
    Buf fill = {0};
    Str made = S("CREATE VIRTUAL TABLE vendors_search /* vendors.name */ USING fts5(words)");
    schema_fill_search(m->registry, made, &fill);
    assert_int_equal(run(m, buf_c_str(&fill)), DB_OK);
    buf_free(&fill);
    Stmt *st = db_prepare(m->db, S("SELECT rowid FROM vendors_search WHERE vendors_search MATCH "
                                   "'\"" SEARCH_TENANT "1 ste\"*'"));
    assert_true(stmt_step(st));
    assert_int_equal(stmt_int(st, 0), 5);
    stmt_reset(st);
}

static void old_rows_get_a_columns_fallback(void **state) {
    Made *m = *state;
    static const struct {
        const char *table, *column, *value;
    } cases[] = {
        {"orders", "status", "'draft'"},  {"orders", "urgency", "3"},
        {"vendors", "name", "''"},        {"vendors", "version", "1"},
        {"order_lines", "quantity", "0"}, {"vendors", "gone", "NULL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Buf b = {0};
        schema_default(m->registry, str_of(cases[i].table), str_of(cases[i].column), "NULL", &b);
        assert_string_equal(buf_c_str(&b), cases[i].value);
        buf_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_field_is_found_wherever_its_name_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_registry_gives_the_same_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_link_into_another_organization_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(lines_go_with_their_parent_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_one_kind_requires_the_other_may_lack, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(numbers_are_unique_per_kind_and_organization, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_resources_checks_are_kept_by_the_database, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_append_only_table_refuses_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(indexes_are_there_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_are_told_which_fields_have_an_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_deleted_parent_is_looked_for_by_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(search_tables_can_be_filled_from_their_tables, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(old_rows_get_a_columns_fallback, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
