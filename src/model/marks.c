/* Page marks; see marks.h. A list has one slot, found by the hash of its text;
 * a list of the same hash pushes the other out. Its marks are sorted by offset;
 * when there is no room for one more, every other one goes. */
#include "model/marks.h"

#include <pthread.h>

#include "base/log.h"

#define LISTS     64
#define MARKS_MAX 512
#define KEY_MAX   128 /* bytes; lists sorted by longer texts are not marked */
#define TEXT_MAX  4096

typedef struct {
    int64_t offset;
    uint8_t n;
    char key[KEY_MAX];
} Kept;

typedef struct {
    char *text; /* of the list, on the heap; NULL: free */
    size_t text_n;
    uint64_t version;
    Kept *marks;
    int n, cap;
} List;

struct Marks {
    pthread_mutex_t lock;
    List lists[LISTS];
};

static void *must_have(void *p) {
    if (!p) log_fatal("memory", "no memory for page marks");
    return p;
}

Marks *marks_new(void) {
    Marks *t = must_have(calloc(1, sizeof *t));
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

static void list_clear(List *l) {
    free(l->text);
    free(l->marks);
    *l = (List){0};
}

void marks_free(Marks *t) {
    for (int i = 0; i < LISTS; i++) list_clear(&t->lists[i]);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

static List *list_of(Marks *t, Str text) { return &t->lists[str_hash(text) % LISTS]; }

static bool list_is(const List *l, const Mark *m) {
    return l->text && l->version == m->version && str_eq((Str){l->text, l->text_n}, m->list);
}

/* How many marks lie at or before an offset. */
static int marks_before(const List *l, int64_t offset) {
    int low = 0, high = l->n;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (l->marks[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool marks_find(Marks *t, Mark *m, Arena *a) {
    List *l = list_of(t, m->list);
    pthread_mutex_lock(&t->lock);
    int at = list_is(l, m) ? marks_before(l, m->offset) - 1 : -1;
    if (at >= 0) {
        m->offset = l->marks[at].offset;
        m->key = arena_str(a, (Str){l->marks[at].key, l->marks[at].n});
    }
    pthread_mutex_unlock(&t->lock);
    return at >= 0;
}

static void list_begin(List *l, const Mark *m) {
    list_clear(l);
    l->text = must_have(malloc(m->list.n));
    memcpy(l->text, m->list.p, m->list.n);
    l->text_n = m->list.n;
    l->version = m->version;
}

static void list_make_room(List *l) {
    if (l->n < l->cap) return;
    if (l->cap < MARKS_MAX) {
        l->cap = l->cap ? l->cap * 2 : 8;
        l->marks = must_have(realloc(l->marks, sizeof(Kept) * (size_t)l->cap));
        return;
    }
    for (int i = 0; i < l->n / 2; i++) l->marks[i] = l->marks[2 * i];
    l->n /= 2;
}

static void list_add(List *l, const Mark *m) {
    int at = marks_before(l, m->offset);
    if (at > 0 && l->marks[at - 1].offset == m->offset) return;
    list_make_room(l);
    at = marks_before(l, m->offset);
    memmove(&l->marks[at + 1], &l->marks[at], sizeof(Kept) * (size_t)(l->n - at));
    l->marks[at] = (Kept){.offset = m->offset, .n = (uint8_t)m->key.n};
    memcpy(l->marks[at].key, m->key.p, m->key.n);
    l->n++;
}

void marks_add(Marks *t, const Mark *m) {
    if (m->key.n > KEY_MAX || m->list.n == 0 || m->list.n > TEXT_MAX) return;
    List *l = list_of(t, m->list);
    pthread_mutex_lock(&t->lock);
    if (!list_is(l, m)) list_begin(l, m);
    list_add(l, m);
    pthread_mutex_unlock(&t->lock);
}
