/* Names of fields, resources and choices as people read them, and the tones of
 * choices: made of the names, so that a table says them once. English; other
 * languages translate these texts. */
#include "api/meta.h"

static const char *const acronyms[] = {"api", "csv", "id", "ip", "po", "sku", "sla", "so", "url", "wo"};

static bool is_acronym(Str word) {
    for (size_t i = 0; i < sizeof acronyms / sizeof *acronyms; i++)
        if (str_is(word, acronyms[i])) return true;
    return false;
}

static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }

static bool is_gap(char c) { return c == '_' || c == '-' || c == ' ' || c == '/'; }

Str meta_label(Arena *a, Str name) {
    char *p = arena_c_str(a, name);
    for (size_t i = 0, end; i < name.n; i = end + 1) {
        for (end = i; end < name.n && !is_gap(p[end]);) end++;
        bool acronym = is_acronym((Str){p + i, end - i});
        for (size_t k = i; k < end; k++)
            if (acronym || k == 0) p[k] = upper(p[k]);
        if (end < name.n) p[end] = ' ';
    }
    return (Str){p, name.n};
}

Str meta_field_label(Arena *a, const ModelField *f, Str name) {
    if (f->decl->label) return str_of(f->decl->label);
    if (f->decl->ref && str_ends(name, S("_id"))) name.n -= 3;
    return meta_label(a, name);
}

/* What words mean as a state, whatever they are the state of. Others are neutral. */
static const struct {
    const char *tone, *words;
} tones[] = {
    {"info", ",new,open,submitted,sent,in_progress,processing,confirmed,approved,ready,scheduled,running,ordered,contacted,medium,"},
    {"warning", ",pending,waiting,on_hold,paused,partial,partially_paid,low,low_stock,expiring,high,quarantine,blocked,on_leave,acknowledged,"},
    {"success", ",active,completed,complete,done,paid,delivered,received,shipped,resolved,won,qualified,converted,accepted,full,ok,available,"},
    {"danger", ",cancelled,rejected,failed,lost,overdue,unqualified,urgent,critical,expired,terminated,damaged,out_of_stock,error,"},
};

const char *meta_tone(const Choice *choice) {
    char word[64];
    int n = snprintf(word, sizeof word, ",%s,", choice->name);
    if (choice->tone) return choice->tone;
    for (size_t i = 0; n < (int)sizeof word && i < sizeof tones / sizeof *tones; i++)
        if (strstr(tones[i].words, word)) return tones[i].tone;
    return "neutral";
}
