/* The SQL texts that are the same for every request, made once from the
 * tables. Identifiers come from descriptors only. */
#include "model/registry_build.h"

static bool stored(const ModelField *f) { return !(f->flags & F_NO_COLUMN); }

static void select_seek(Buf *b, const Model *m) {
    for (int i = 0, n = 0; i < m->n; i++)
        if (stored(&m->fields[i])) buf_fmt(b, "%s%s", n++ ? ", " : "SELECT ", m->fields[i].column.p);
    buf_fmt(b, " FROM %s WHERE ", m->table.p);
    if (m->tenant.p) buf_fmt(b, "%s = ?1 AND ", m->tenant.p);
    const char *only = model_only(m);
    if (only) buf_fmt(b, "%s = '%s' AND ", only, m->resource->only.value);
}

static void select_columns(Buf *b, const Model *m) {
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!stored(f)) continue;
        buf_fmt(b, "%st.%s", i ? ", " : "SELECT ", f->column.p);
        if (f->name_key.p) {
            const ModelField *shown = &f->ref->fields[f->ref->display];
            buf_fmt(b, ", r%d.%s", i, shown->column.p);
        }
    }
}

static void select_joins(Buf *b, const Model *m) {
    buf_fmt(b, " FROM %s t", m->table.p);
    for (int i = 0; i < m->n; i++) {
        const ModelField *f = &m->fields[i];
        if (!f->name_key.p) continue;
        buf_fmt(b, " LEFT JOIN %s r%d ON r%d.organization_id = t.%s AND r%d.id = t.%s",
                f->ref->table.p, i, i, m->tenant.p, i, f->column.p);
    }
}

static void select_one(Buf *b, const Model *m) {
    select_columns(b, m);
    select_joins(b, m);
    buf_c(b, " WHERE ");
    if (m->tenant.p) buf_fmt(b, "t.%s = ?1 AND ", m->tenant.p);
    buf_c(b, "t.id = ?2");
    if (model_only(m)) buf_fmt(b, " AND t.%s = '%s'", model_only(m), m->resource->only.value);
}

static void select_lines(Buf *b, const Model *lines) {
    select_columns(b, lines);
    select_joins(b, lines);
    buf_fmt(b, " WHERE t.organization_id = ?1 AND t.%s = ?2 ORDER BY t.position",
            lines->lines_decl->parent);
}

static void insert_one(Buf *b, const Model *m) {
    bool has_tenant = m->parent || (m->tenant.p && !(m->resource->flags & R_TENANT));
    const char *only = model_only(m);
    buf_fmt(b, "INSERT INTO %s (", m->table.p);
    int n = 0;
    if (has_tenant) buf_fmt(b, "%sorganization_id", n++ ? ", " : "");
    if (m->parent) n += 2, buf_fmt(b, ", %s, position", m->lines_decl->parent);
    for (int i = 1; i < m->n; i++)
        if (stored(&m->fields[i])) buf_fmt(b, "%s%s", n++ ? ", " : "", m->fields[i].column.p);
    if (only) buf_fmt(b, ", %s", only);
    buf_c(b, ") VALUES (");
    for (int i = 1; i <= n; i++) buf_fmt(b, "%s?%d", i > 1 ? ", " : "", i);
    if (only) buf_fmt(b, ", '%s'", m->resource->only.value);
    buf_c(b, ")");
}

static Str text_of(Arena *arena, void (*write)(Buf *, const Model *), const Model *m) {
    Buf b;
    buf_init(&b, 1024, BUF_DEFAULT_MAX);
    write(&b, m);
    Str text = arena_str(arena, buf_view(&b));
    buf_free(&b);
    return text;
}

void sql_compile(Arena *arena, Model *m) {
    if (m->resource->flags & R_VIRTUAL) return;
    if (m->parent)
        m->lines_sql = text_of(arena, select_lines, m);
    else
        m->select_sql = text_of(arena, select_one, m);
    m->seek_sql = text_of(arena, select_seek, m);
    m->insert_sql = text_of(arena, insert_one, m);
}
