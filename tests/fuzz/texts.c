/* Texts from outside, one reader after another: what each takes it must say
 * again in the same way, and what it refuses it must leave alone. The first byte
 * chooses the reader. */
#include <jansson.h>
#include <string.h>

#include "base/csv.h"
#include "base/fold.h"
#include "base/json.h"
#include "base/time.h"
#include "base/words.h"
#include "fuzz.h"
#include "http/http.h"
#include "http/proxy.h"

static Arena arena;

static void decimals(Str text) {
    Decimal d = 42, again;
    char out[DECIMAL_TEXT_MAX];
    if (decimal_parse(text, &d) != DECIMAL_OK) {
        must(d == 42, "a refused decimal leaves the result alone");
        return;
    }
    size_t n = decimal_format(d, out);
    must(decimal_parse((Str){out, n}, &again) == DECIMAL_OK && again == d, "a decimal is read as it was written");
}

static void times(Str text) {
    int64_t t, again;
    char out[TIME_TEXT], date[DATE_TEXT];
    if (time_parse(text, &t)) {
        time_format(t, out);
        must(time_parse(str_of(out), &again) && again == t, "a time is read as it was written");
    }
    if (!date_valid(text)) return;
    if (date_add_days(text, 40, date)) must(date_valid(str_of(date)), "the fortieth day is a date");
    time_in_zone(text, 3600 * 2 + 1800, "Europe/Berlin");
    date_start(text, "Africa/Cairo");
}

/* In pieces, as a file arrives: what one has no end of is asked again with more. */
static void csv(Str text) {
    Str cells[5], rest = text;
    CsvRow row = {.delimiter = csv_delimiter(text), .cells = cells, .max = 5};
    rest.p += csv_mark(text), rest.n -= csv_mark(text);
    for (size_t known = rest.n / 2;;) {
        bool last = known >= rest.n;
        CsvResult r = csv_row((Str){rest.p, last ? rest.n : known}, last, &row, &arena);
        if (r == CSV_END && last) return;
        if (r == CSV_MORE || r == CSV_END) {
            must(!last, "a whole file ends");
            known = rest.n;
            continue;
        }
        must(row.used > 0 && row.used <= rest.n, "a row is some of the text");
        rest.p += row.used, rest.n -= row.used;
        known = known > row.used ? known - row.used : 0;
    }
}

static void csv_cells(Str text) {
    if (memchr(text.p, 0, text.n)) return; /* no text that is stored has one */
    Buf out = {0};
    Str cell;
    CsvRow row = {.delimiter = ',', .cells = &cell, .max = 1};
    csv_cell(&out, text);
    buf_c(&out, "\r\n");
    must(csv_row(buf_view(&out), true, &row, &arena) == CSV_ROW && row.n == 1, "a written cell is a cell");
    must(str_eq(csv_unguarded(cell), text), "a cell is read as it was written");
    buf_free(&out);
}

static void json(Str text) {
    if (!str_utf8_valid(text)) return;
    Buf out = {0};
    Json j = js_to(&out);
    js_str(&j, text);
    json_t *read = json_loadb(out.p, out.n, JSON_DECODE_ANY, NULL);
    must(json_is_string(read), "a written text is JSON");
    must(str_eq((Str){json_string_value(read), json_string_length(read)}, text), "a text is read as it was written");
    json_decref(read);
    buf_free(&out);
}

static void words(Str text) {
    Buf word = {0}, again = {0};
    for (Str rest = text; word_next(&rest, &word); buf_reset(&word)) {
        must(word.n > 0 && word.n <= WORD_BYTES_MAX && str_utf8_valid(buf_view(&word)), "a word is short and UTF-8");
        Str one = buf_view(&word);
        buf_reset(&again);
        must(word_next(&one, &again) && str_eq(buf_view(&again), buf_view(&word)), "a word is its own word");
    }
    buf_free(&word);
    buf_free(&again);
}

static void names(Str text) {
    Buf a = {0}, b = {0}, phone = {0};
    fold_name(&a, text);
    fold_name(&b, buf_view(&a));
    must(fold_distance(buf_view(&a), buf_view(&a), 3) == 0 || a.n > FOLD_COMPARED, "nothing is far from itself");
    fold_phone(&phone, text);
    must(phone.n <= 9, "nine digits at most");
    buf_free(&a);
    buf_free(&b);
    buf_free(&phone);
}

static void params(Str text) {
    Str rest = text, name, value, out;
    bool bad = false;
    while (http_next_param(&rest, &arena, &name, &value, &bad))
        must(str_utf8_valid(name) && str_utf8_valid(value), "parameters are UTF-8");
    if (http_decode_segment(text, &arena, &out))
        must(str_utf8_valid(out) && (!out.n || !memchr(out.p, '/', out.n)), "a segment is one");
}

static void addresses(Str text) {
    Proxies p = {0};
    Str bad;
    Address client;
    char out[46];
    Str list = str_cut(text, '\n', &text);
    if (proxies_parse(list, &p, &bad) && proxies_walk(&p, text, &client)) {
        address_text(&client, out);
        Address again;
        must(address_parse(str_of(out), &again) && !memcmp(&again, &client, sizeof again),
             "an address is read as it was written");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static void (*const readers[])(Str) = {decimals, times, csv, csv_cells, json, words, names, params, addresses};
    if (!n) return 0;
    if (!arena.limit) arena_init(&arena, (size_t)16 << 20);
    readers[data[0] % (sizeof readers / sizeof *readers)](fuzz_text(data + 1, n - 1));
    arena_reset(&arena);
    return 0;
}
