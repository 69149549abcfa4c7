/* The log; see log.h. A line is one write(2), so lines of several threads or
 * processes never mix. The only mutable file-scope state is where and how much
 * to log. */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"

#define MESSAGE_MAX    4096
#define LINE_MAX_BYTES ((size_t)1 << 20)
#define STAMP_TEXT     25 /* 2026-01-15T08:30:00.123Z with NUL */

static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_least = LOG_INFO;

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning",
    [LOG_ERROR] = "error", [LOG_OFF] = "off",
};

void log_open(int fd, LogLevel least) {
    atomic_store(&log_fd, fd);
    atomic_store(&log_least, (int)least);
}

bool log_wants(LogLevel level) {
    return level < LOG_OFF && (int)level >= atomic_load_explicit(&log_least, memory_order_relaxed);
}

bool log_level_parse(Str s, LogLevel *out) {
    for (int level = LOG_DEBUG; level <= LOG_OFF; level++)
        if (str_ieq(s, str_of(level_names[level]))) {
            *out = (LogLevel)level;
            return true;
        }
    return false;
}

static void stamp(char out[STAMP_TEXT]) {
    int64_t ms = clock_now_ms(&(Clock){0});
    time_format(ms / 1000, out);
    snprintf(out + TIME_TEXT - 2, STAMP_TEXT - TIME_TEXT + 2, ".%03uZ", (unsigned)(ms % 1000) % 1000);
}

static void write_line(const char *p, size_t n) {
    ssize_t written;
    do written = write(atomic_load(&log_fd), p, n);
    while (written < 0 && errno == EINTR);
}

/* Bytes that would make the line malformed become question marks. */
static void make_printable(char *text) {
    if (str_utf8_valid(str_of(text))) return;
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80) *text = '?';
}

static Json begin_line(Buf *line, const char *area, LogLevel level) {
    char at[STAMP_TEXT];
    stamp(at);
    buf_init(line, 512, LINE_MAX_BYTES);
    Json j = js_to(line);
    js_begin_object(&j);
    js_field_c(&j, "time", at);
    js_field_c(&j, "level", level_names[level]);
    js_field_c(&j, "area", area);
    return j;
}

static void end_line(Buf *line) {
    buf_c(line, "}\n");
    if (!line->failed) write_line(line->p, line->n);
    buf_free(line);
}

void log_event(const char *area, LogLevel level, const char *format, ...) {
    if (!log_wants(level)) return;
    char message[MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    make_printable(message);
    Buf line;
    Json j = begin_line(&line, area, level);
    js_field_c(&j, "message", message);
    end_line(&line);
}

void log_line(const char *area, LogLevel level, Str members) {
    if (!log_wants(level)) return;
    Buf line;
    begin_line(&line, area, level);
    if (members.n > 0) {
        buf_char(&line, ',');
        buf_str(&line, members);
    }
    end_line(&line);
}

/* Allocates nothing: being out of memory ends here too. */
_Noreturn void log_fatal(const char *area, const char *format, ...) {
    char message[1024], at[STAMP_TEXT], line[1200];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    make_printable(message);
    for (char *p = message; *p; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < 0x20) *p = '\'';
    stamp(at);
    int n = snprintf(line, sizeof line,
                     "{\"time\":\"%s\",\"level\":\"fatal\","
                     "\"area\":\"%.64s\",\"message\":\"%s\"}\n",
                     at, area, message);
    write_line(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
    abort();
}
