/* Field types: one row per type, one column per question (S2). No consumer of
 * a field asks which type it has. */
#ifndef MODEL_TYPE_H
#define MODEL_TYPE_H

#include <jansson.h>

#include "base/json.h"
#include "model/resource.h"

/* Filter operators a type allows. */
enum {
    OPS_EQUAL = 1 << 0, /* eq ne in isnull */
    OPS_RANGE = 1 << 1, /* gt gte lt lte */
    OPS_TEXT = 1 << 2,  /* contains startswith */
    OPS_MANY = 1 << 3   /* eq in isnull, of a type that holds several values */
};

/* Why a value was refused: a stable code and a sentence that says what to do. */
typedef struct {
    const char *code;
    Str message;
} Problem;

struct FieldType {
    const char *name;
    const char *sqlite, *postgres; /* column types */
    bool decimal; /* an integer in 1/DECIMAL_SCALE here, a decimal to PostgreSQL */
    unsigned operators;
    /* The value of a JSON member (never null), of a text (query, CSV, fallback)
     * and back. False fills *problem. */
    bool (*from_json)(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *problem);
    bool (*from_text)(Ctx *c, const ModelField *f, Str in, Value *out, Problem *problem);
    void (*to_json)(Json *j, const Value *v);
    void (*to_text)(Buf *b, const Value *v);
    /* Of a type that holds several values, where to equal is to have: whether
     * `stored` has all of `asked`; the words by which the search table finds
     * them in an organization, with `between` between them; the pieces of its
     * stored text that stand for them. */
    bool (*has)(const Value *stored, const Value *asked);
    void (*words)(Buf *b, int64_t organization_id, const Value *v, const char *between);
    const char *words_sql; /* the words in SQL, of the row at hand, with ? for the column */
    void (*parts)(const Value *v, void (*each)(void *arg, Str part), void *arg);
    int max_length;      /* of texts, in characters, where the field does not say; 0: 255 */
    bool multiline;      /* may hold tabs and line breaks */
    const char *schema;  /* members of its OpenAPI schema: "\"type\":\"string\"" */
    const char *example; /* JSON */
    const char *widget;  /* for web forms */
};

extern const FieldType T_ID, T_REF, T_TEXT, T_LONG_TEXT, T_NUMBER, T_EMAIL, T_INT, T_BOOL, T_MONEY,
    T_QUANTITY, T_PERCENT, T_DATE, T_TIME, T_ENUM, T_JSON, T_OBJECT, T_ZONE, T_PHONE, T_URL, T_TAGS,
    T_CURRENCY;

/* Whether the search table is given what the field holds. */
bool field_in_words(const ModelField *f);
/* For types of other floors: refuses with a problem, formatted in c's arena. */
bool problem_set(Ctx *c, Problem *p, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* A reference named by id or, where the resource it refers to has a key, by
 * that key: then *out is text, which the write path looks up. (The from_text of
 * a reference, made for filters, takes ids only.) */
bool type_ref_from_key(Ctx *c, const ModelField *f, Str in, Value *out, Problem *p);
/* A type whose JSON form is a string and whose text form is the same. */
bool type_from_json_string(Ctx *c, const ModelField *f, const json_t *in, Value *out, Problem *p);
void type_text_to_json(Json *j, const Value *v);
void type_text_to_text(Buf *b, const Value *v);

#endif
