/* `millwright user`: who may sign in, without a server. It writes through a
 * writer of its own, journaled like any change; a running server sees it after
 * at most the server's --identity-age. */
#include <termios.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/program.h"
#include "base/log.h"

#define PASSWORD_LINE 1024

static const Option options[] = {
    OPTION_DATA,
    OPTION_DATABASE,
    {"--organization", NULL, "NAME", NULL, "add: the organization; made when missing"},
    {"--username", NULL, "NAME", NULL, "add: the name to sign in with"},
    {"--email", NULL, "ADDRESS", NULL, "add: the e-mail address"},
    {"--full-name", NULL, "NAME", NULL, "add: how people call them"},
    {"--role", NULL, "ROLE", "viewer",
     "add: admin, manager, operator, staff, salesperson, inventory_manager, viewer, or one of the "
     "organization's own"},
};

static const Usage usage = {
    "user",
    " add | passwd NAME | disable NAME | list",
    "  add           Make a user of an organization; the password is read from\n"
    "                standard input\n"
    "  passwd NAME   Set the password of the user or e-mail address NAME, read from\n"
    "                standard input; ends all sessions\n"
    "  disable NAME  Let NAME sign in nowhere any more; ends all sessions\n"
    "  list          Every user with organization and role\n"
    "\n"
    "It may run beside a server, which notices within 5 seconds.",
    options,
    sizeof options / sizeof *options,
    "  millwright user add --organization \"Acme\" --username maria \\\n"
    "      --email maria@acme.example --role admin\n"
    "  echo \"$NEW_PASSWORD\" | millwright user passwd maria\n",
};

typedef struct {
    Cli *cli;
    NewUser user;
    Str name;  /* of passwd and disable */
    Buf *list;
} Work;

/* --- the password --- */

static bool read_hidden(char *line, size_t size) {
    struct termios shown, hidden;
    bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fputs("Password: ", stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool ok = fgets(line, (int)size, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    return ok;
}

/* One line of standard input, without its end. */
static bool password_read(Work *w) {
    char line[PASSWORD_LINE];
    if (!read_hidden(line, sizeof line)) return false;
    size_t n = strcspn(line, "\r\n");
    w->user.password = arena_str(&w->cli->arena, (Str){line, n});
    return n > 0;
}

/* --- on the writer --- */

static bool run_add(Ctx *c, void *arg) { return identity_cli_add(c, &((Work *)arg)->user); }

static bool run_passwd(Ctx *c, void *arg) {
    const Work *w = arg;
    return identity_cli_passwd(c, w->name, w->user.password);
}

static bool run_disable(Ctx *c, void *arg) { return identity_cli_disable(c, ((Work *)arg)->name); }

static bool run_list(Ctx *c, void *arg) { return identity_cli_list(c, ((Work *)arg)->list); }

static const struct {
    const char *verb;
    bool takes_name, takes_password;
    bool (*run)(Ctx *c, void *work);
    const char *done;
} verbs[] = {
    {"add", false, true, run_add, "added"},
    {"passwd", true, true, run_passwd, "the password is set"},
    {"disable", true, false, run_disable, "disabled"},
    {"list", false, false, run_list, NULL},
};
#define VERBS (sizeof verbs / sizeof *verbs)

static int on_program(Cli *cli, size_t verb, Work *w) {
    Registry *r = cli_registry(cli);
    if (!r) return EXIT_NO;
    Program p;
    ProgramConfig config = {.registry = r, .database = cli_database(cli),
                            .data = config_get(&cli->config, "--data")};
    int status = EXIT_WELL;
    if (program_open(&p, &config)) {
        Ctx c;
        program_ctx(&p, &c, "cli");
        if (!ctx_write(&c, verbs[verb].run, w)) status = cli_complain_error(cli, &c.err);
    } else {
        status = cli_complain(cli, p.problem);
    }
    program_close(&p);
    arena_free(&p.arena);
    registry_free(r);
    return status;
}

/* --- arguments --- */

static Str given(Cli *cli, const char *flag) { return str_of(config_get(&cli->config, flag)); }

static int run(Cli *cli, size_t verb) {
    Buf list = {0};
    Work w = {.cli = cli, .list = &list};
    w.user = (NewUser){.organization = given(cli, "--organization"),
                       .username = given(cli, "--username"),
                       .email = given(cli, "--email"),
                       .full_name = given(cli, "--full-name"),
                       .role = given(cli, "--role")};
    size_t wanted = verbs[verb].takes_name ? 2 : 1;
    if (cli->config.n_arguments != wanted)
        return cli_misused(cli, wanted == 2 ? "say whose" : "takes options only");
    if (wanted == 2) w.name = str_of(cli->config.arguments[1]);
    bool add = verbs[verb].run == run_add;
    if (add && (!w.user.organization.n || !w.user.username.n || !w.user.email.n))
        return cli_misused(cli, "add needs --organization, --username and --email");
    if (verbs[verb].takes_password && !password_read(&w))
        return cli_misused(cli, "the password is read from standard input, one line");
    int status = on_program(cli, verb, &w);
    if (status == EXIT_WELL && verbs[verb].done) buf_fmt(&list, "%s\n", verbs[verb].done);
    cli_print(&list);
    buf_free(&list);
    return status;
}

int cli_user(int argc, char **argv) {
    Cli cli;
    log_open(STDERR_FILENO, LOG_WARNING);
    int status = cli_begin(&cli, &usage, argc, argv);
    if (status == CLI_GO_ON) {
        const char *verb = cli.config.n_arguments ? cli.config.arguments[0] : "";
        size_t at = 0;
        while (at < VERBS && strcmp(verbs[at].verb, verb) != 0) at++;
        status = at < VERBS ? run(&cli, at) : cli_misused(&cli, "say what to do");
    }
    cli_end(&cli);
    return status;
}
