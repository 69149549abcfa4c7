/* The configuration reader; see config.h. Sources are applied from the weakest
 * to the strongest, so that the last value written is the one that counts. */
#include "base/config.h"

#include <assert.h>
#include <errno.h>

#define ENV_FILE_MAX ((size_t)64 * 1024)
#define FLAG_MAX     64
#define HELP_WIDTH   80
#define HELP_COLUMN  30

static bool problem(Config *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool problem(Config *c, const char *format, ...) {
    if (c->problem.p) return false;
    va_list args;
    va_start(args, format);
    c->problem = arena_vfmt(c->arena, format, args);
    va_end(args);
    return false;
}

static void set(Config *c, size_t option, const char *value, const char *origin) {
    c->values[option] = value;
    c->origins[option] = origin;
}

static void load_fallbacks(Config *c) {
    for (size_t i = 0; i < c->n_options; i++) set(c, i, c->options[i].fallback, "default");
}

static void load_environment(Config *c) {
    for (size_t i = 0; i < c->n_options; i++) {
        const char *name = c->options[i].env;
        const char *value = name ? getenv(name) : NULL;
        if (value && *value) set(c, i, value, name);
    }
}

static bool is_name(Str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], lower = (char)(c | 0x20);
        if (c != '_' && !(lower >= 'a' && lower <= 'z') && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return s.n > 0;
}

/* A value in quotes at the start of `text`: its text in *value. Double quotes
 * know \n, \t and a backslash before any other character; nothing but a
 * comment may follow the closing quote. */
static bool unquote(Str text, Buf *value) {
    char quote = text.p[0];
    size_t i = 1;
    for (; i < text.n && text.p[i] != quote; i++) {
        char c = text.p[i];
        if (quote == '"' && c == '\\' && i + 1 < text.n) {
            c = text.p[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        buf_char(value, c);
    }
    if (i == text.n) return false;
    Str behind = str_trim((Str){text.p + i + 1, text.n - i - 1});
    return behind.n == 0 || behind.p[0] == '#';
}

/* Without quotes a value ends at a `#` that has white space before it. */
static Str bare_value(Str text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '#' && (i == 0 || text.p[i - 1] == ' ' || text.p[i - 1] == '\t'))
            return str_trim((Str){text.p, i});
    return text;
}

/* NULL when nothing is wrong with the line, else what is. */
static const char *load_line(Config *c, Str line, const char *origin) {
    Str rest, text = STR_NONE;
    line = str_trim(line);
    if (line.n == 0 || line.p[0] == '#') return NULL;
    if (str_starts(line, S("export "))) line = str_trim((Str){line.p + 7, line.n - 7});
    Str name = str_trim(str_cut(line, '=', &rest));
    if (!rest.p) return "expected NAME=VALUE";
    if (!is_name(name)) return "the name before `=` may have only letters, digits and underscores";
    rest = str_trim(rest);
    if (rest.n > 0 && (rest.p[0] == '"' || rest.p[0] == '\'')) {
        Buf value = {0};
        bool ok = unquote(rest, &value);
        text = arena_str(c->arena, buf_view(&value));
        buf_free(&value);
        if (!ok) return "the closing quote is missing, or text follows it";
    } else {
        text = arena_str(c->arena, bare_value(rest));
    }
    for (size_t i = 0; i < c->n_options && text.n > 0; i++)
        if (c->options[i].env && str_is(name, c->options[i].env)) set(c, i, text.p, origin);
    return NULL;
}

static bool load_env_text(Config *c, const char *path, Str text) {
    if (str_starts(text, S("\xEF\xBB\xBF"))) text = (Str){text.p + 3, text.n - 3};
    for (int number = 1; text.p; number++) {
        Str line = str_cut(text, '\n', &text);
        const char *origin = arena_fmt(c->arena, "%s:%d", path, number).p;
        const char *wrong = str_utf8_valid(line) ? load_line(c, line, origin) : "not valid UTF-8 text";
        if (wrong) return problem(c, "%s: %s", origin, wrong);
    }
    return true;
}

static bool load_env_file(Config *c, const char *path) {
    FILE *file = path ? fopen(path, "rbe") : NULL;
    if (!file) return !path || errno == ENOENT || problem(c, "%s: %s", path, strerror(errno));
    Buf text;
    buf_init(&text, 0, 0);
    char *room = buf_room(&text, ENV_FILE_MAX);
    text.n = fread(room, 1, ENV_FILE_MAX, file);
    bool failed = ferror(file) != 0, complete = fgetc(file) == EOF;
    fclose(file);
    bool ok = !failed && complete ? load_env_text(c, path, buf_view(&text))
                                  : problem(c, "%s: %s", path, failed ? "cannot be read" : "too large");
    buf_free(&text);
    return ok;
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Levenshtein distance, one row at a time; b is at most FLAG_MAX long. */
static size_t edit_distance(Str a, Str b) {
    size_t row[FLAG_MAX + 1];
    for (size_t k = 0; k <= b.n; k++) row[k] = k;
    for (size_t i = 0; i < a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < b.n; k++) {
            size_t replaced = diagonal + (a.p[i] != b.p[k]);
            diagonal = row[k + 1];
            row[k + 1] = least(replaced, least(row[k], row[k + 1]) + 1);
        }
    }
    return row[b.n];
}

static bool unknown_flag(Config *c, Str flag) {
    const char *nearest = NULL;
    size_t best = 3;
    for (size_t i = 0; i < c->n_options && flag.n <= FLAG_MAX; i++) {
        size_t distance = edit_distance(str_of(c->options[i].flag), flag);
        if (distance < best) {
            best = distance;
            nearest = c->options[i].flag;
        }
    }
    if (nearest) return problem(c, "unknown option %.*s; did you mean %s?", STR_ARG(flag), nearest);
    return problem(c, "unknown option %.*s; --help lists them", STR_ARG(flag));
}

static bool find(const Config *c, Str flag, size_t *option) {
    for (size_t i = 0; i < c->n_options; i++)
        if (str_is(flag, c->options[i].flag)) {
            *option = i;
            return true;
        }
    return false;
}

/* One flag, and its value when that is the next argument; *i moves over both. */
static bool load_flag(Config *c, const ConfigSource *source, int *i) {
    Str value, flag = str_cut(str_of(source->argv[*i]), '=', &value);
    size_t at;
    if (!find(c, flag, &at)) return unknown_flag(c, flag);
    const Option *option = &c->options[at];
    if (value.p || !option->placeholder) {
        set(c, at, value.p ? value.p : "true", option->flag);
        return true;
    }
    const char *next = *i + 1 < source->argc ? source->argv[*i + 1] : NULL;
    if (!next || str_starts(str_of(next), S("--")))
        return problem(c, "%s needs a value: %s %s", option->flag, option->flag, option->placeholder);
    set(c, at, next, option->flag);
    ++*i;
    return true;
}

static bool load_arguments(Config *c, const ConfigSource *source) {
    bool flags = true;
    for (int i = 1; i < source->argc; i++) {
        const char *argument = source->argv[i];
        if (flags && strcmp(argument, "--") == 0)
            flags = false;
        else if (!flags || argument[0] != '-' || argument[1] == '\0')
            c->arguments[c->n_arguments++] = argument;
        else if (!load_flag(c, source, &i))
            return false;
    }
    return true;
}

static bool one_of(const char *value, const char *const words[4]) {
    for (size_t i = 0; i < 4; i++)
        if (str_ieq(str_of(value), str_of(words[i]))) return true;
    return false;
}

static bool means_on(const char *value) {
    return value && one_of(value, (const char *const[4]){"1", "true", "yes", "on"});
}

static bool means_off(const char *value) {
    return !value || one_of(value, (const char *const[4]){"0", "false", "no", "off"});
}

/* How a complaint names an option: with the place its value came from. */
static Str named(const Config *c, size_t i) {
    const Option *option = &c->options[i];
    if (c->origins[i] == option->flag || c->origins[i] == option->env || !option->env)
        return str_of(c->origins[i]);
    return arena_fmt(c->arena, "%s (%s)", option->env, c->origins[i]);
}

static bool check_switches(Config *c) {
    for (size_t i = 0; i < c->n_options; i++) {
        const char *value = c->values[i];
        if (!c->options[i].placeholder && !means_on(value) && !means_off(value))
            return problem(c, "%.*s must be true or false, not \"%s\"", STR_ARG(named(c, i)), value);
    }
    return true;
}

bool config_load(const ConfigSource *source, Arena *a, Config *out) {
    size_t n = source->n_options, argc = source->argc > 0 ? (size_t)source->argc : 0;
    *out = (Config){
        .options = source->options,
        .n_options = n,
        .values = ARENA_ARRAY(a, const char *, n),
        .origins = ARENA_ARRAY(a, const char *, n),
        .arguments = ARENA_ARRAY(a, const char *, argc),
        .arena = a,
    };
    load_fallbacks(out);
    if (!load_env_file(out, source->env_file)) return false;
    load_environment(out);
    return load_arguments(out, source) && check_switches(out);
}

static size_t index_of(const Config *c, const char *flag) {
    size_t i = 0;
    bool found = find(c, str_of(flag), &i);
    assert(found);
    (void)found;
    return i;
}

const char *config_get(const Config *c, const char *flag) { return c->values[index_of(c, flag)]; }

bool config_on(const Config *c, const char *flag) { return means_on(config_get(c, flag)); }

int64_t config_int(Config *c, const char *flag, int64_t min, int64_t max) {
    size_t i = index_of(c, flag);
    int64_t v = min;
    if (!c->values[i])
        problem(c, "%s is missing", flag);
    else if (!str_to_int(str_of(c->values[i]), &v) || v < min || v > max)
        problem(c, "%.*s must be a whole number from %lld to %lld, not \"%s\"", STR_ARG(named(c, i)),
                (long long)min, (long long)max, c->values[i]);
    else
        return v;
    return min;
}

static void pad_to(Buf *out, size_t line_start, size_t column) {
    while (!out->failed && out->n - line_start < column) buf_char(out, ' ');
}

static void new_line(Buf *out, size_t *line_start, size_t column) {
    buf_char(out, '\n');
    *line_start = out->n;
    pad_to(out, *line_start, column);
}

/* Words of `text` from the current column on, wrapped to the help column. */
static void wrap(Buf *out, size_t *line_start, Str text) {
    while (text.p) {
        Str word = str_cut(text, ' ', &text);
        bool first = out->n - *line_start <= HELP_COLUMN;
        if (!first && out->n - *line_start + 1 + word.n > HELP_WIDTH)
            new_line(out, line_start, HELP_COLUMN);
        else if (!first)
            buf_char(out, ' ');
        buf_str(out, word);
    }
}

static void help_option(const Option *option, Buf *out) {
    size_t line_start = out->n;
    buf_fmt(out, "  %s%s%s", option->flag, option->placeholder ? " " : "",
            option->placeholder ? option->placeholder : "");
    if (out->n - line_start + 2 > HELP_COLUMN) new_line(out, &line_start, HELP_COLUMN);
    pad_to(out, line_start, HELP_COLUMN);
    wrap(out, &line_start, str_of(option->help));
    if (option->env) {
        new_line(out, &line_start, HELP_COLUMN);
        wrap(out, &line_start, str_of(option->env));
    }
    if (option->fallback) {
        if (option->env)
            buf_char(out, ',');
        else
            new_line(out, &line_start, HELP_COLUMN);
        wrap(out, &line_start, S("default"));
        wrap(out, &line_start, str_of(option->fallback));
    }
    buf_char(out, '\n');
}

void config_help(const Option *options, size_t n, Buf *out) {
    for (size_t i = 0; i < n; i++) help_option(&options[i], out);
}
