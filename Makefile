# Millwright. `make help` lists the targets.
#
# One non-recursive file: sources are found, objects live under build/<kind>/.

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
PREFIX  ?= /usr/local
BUILD   ?= build
KIND    ?= release
OBJ     := $(BUILD)/$(KIND)
BIN     ?= $(BUILD)/millwright
VERSION := $(shell cat VERSION)
# `make V=1` prints whole commands.
Q := $(if $(V),,@)
say = @$(if $(V),true,echo "  $(1)  $(2)")

PACKAGES := libmicrohttpd jansson libsodium nettle glib-2.0 zlib libpq hiredis libsystemd
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)

WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough -Wno-missing-field-initializers \
        -Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types \
        -Werror=int-conversion -Werror=return-type $(WERROR)
HARDEN := -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero \
          -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing -fno-common
ifneq ($(findstring clang,$(CC)),)
HARDEN := $(subst -ftrivial-auto-var-init=zero,,$(HARDEN))
endif

ifeq ($(KIND),release)
OPT := -O2 -g $(HARDEN) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fPIE
LINK := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed
else ifeq ($(KIND),asan)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DMILLWRIGHT_ARENA_DEBUG
LINK := -fsanitize=address,undefined
else ifeq ($(KIND),tsan)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LINK := -fsanitize=thread
else ifeq ($(KIND),fuzz)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
LINK := -fsanitize=address,undefined
SQLITE_OPT := -O2 -g
endif

CPPFLAGS_OWN := -Isrc -I$(BUILD) -isystem node_modules/better-sqlite3/deps/sqlite3 -D_GNU_SOURCE \
                -DMILLWRIGHT_VERSION='"$(VERSION)"' -include src/base/banned.h
CFLAGS_OWN := -std=c17 $(OPT) $(WARN) -pthread $(PKG_CFLAGS)

# What fuzzing looks for is in our code, and it looks faster through a plain SQLite.
SQLITE_OPT ?= $(OPT)
# SQLite: the options of docs/operating.md, its own warnings are not ours.
SQLITE_DIR := node_modules/better-sqlite3/deps/sqlite3
SQLITE_OPTS := -DSQLITE_DQS=0 -DSQLITE_THREADSAFE=1 -DSQLITE_DEFAULT_FOREIGN_KEYS=1 \
  -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=2 -DSQLITE_DEFAULT_SYNCHRONOUS=2 -DSQLITE_TRUSTED_SCHEMA=0 \
  -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_DEPRECATED \
  -DSQLITE_MAX_EXPR_DEPTH=200 -DSQLITE_STRICT_SUBTYPE=1 -DSQLITE_ENABLE_FTS5 \
  -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_MAX_ATTACHED=1 \
  -DSQLITE_USE_ALLOCA -DSQLITE_OMIT_DECLTYPE -DSQLITE_OMIT_PROGRESS_CALLBACK \
  -DSQLITE_STMTJRNL_SPILL=0
ifneq ($(KIND),release)
SQLITE_OPTS += -DSQLITE_ENABLE_API_ARMOR
endif

SRC  := $(sort $(wildcard src/*/*.c src/*/*/*.c))
EMBEDDED := $(BUILD)/embedded_sqlite.c $(BUILD)/embedded_postgres.c $(BUILD)/embedded_web.c $(BUILD)/embedded_ui.c
OBJS := $(SRC:src/%.c=$(OBJ)/%.o) $(EMBEDDED:$(BUILD)/%.c=$(OBJ)/%.o) $(OBJ)/sqlite3.o
LIB_OBJS := $(filter-out $(OBJ)/app/main.o,$(OBJS))
UNIT_SRC := $(sort $(wildcard tests/unit/*.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(OBJ)/unit/%)
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(OBJ)/fuzz/%,$(wildcard tests/fuzz/*.c))

.PHONY: all
all: $(BIN) ## Build build/millwright

$(BIN): $(OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LINK) -pthread -o $@ $^ $(PKG_LIBS) -lm

$(OBJ)/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_OWN) $(CFLAGS_OWN) -MMD -MP -c -o $@ $<

# Its options may change; it takes too long to compile for every other change here.
$(OBJ)/sqlite3.options: always
	@mkdir -p $(@D)
	@echo '$(CC) $(SQLITE_OPT) $(SQLITE_OPTS)' | cmp -s - $@ || echo '$(CC) $(SQLITE_OPT) $(SQLITE_OPTS)' >$@

$(OBJ)/sqlite3.o: $(SQLITE_DIR)/sqlite3.c $(OBJ)/sqlite3.options
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(SQLITE_OPT) -w -pthread $(SQLITE_OPTS) -c -o $@ $<

# Files inside the program. tools/embed leaves its output alone when nothing
# changed; migrations may come and go, so it looks at them at every build.
# swagger-ui-dist stays at 5.32: from 5.33 on it renders only the routes in view,
# and a browser's search misses the others (swagger-ui issue 11056).
WEB_FILES := $(sort $(wildcard src/api/assets/*)) node_modules/swagger-ui-dist/swagger-ui.css \
  node_modules/swagger-ui-dist/swagger-ui-bundle.js $(BUILD)/redoc.standalone.js

# Redoc's logo would be loaded from another host.
$(BUILD)/redoc.standalone.js: node_modules/redoc/bundles/redoc.standalone.js
	@mkdir -p $(@D)
	@sed 's|https://cdn.redoc.ly/redoc/logo-mini.svg|/favicon.svg|' $< >$@

$(BUILD)/embedded_sqlite.c $(BUILD)/embedded_postgres.c: $(BUILD)/embedded_%.c: always
	@tools/embed $* $@ $(sort $(wildcard migrations/$*/*.sql))

$(BUILD)/embedded_web.c: $(WEB_FILES) tools/embed Makefile
	@tools/embed --pack web $@ $(WEB_FILES) && touch $@

# The web application. Vite names its files by their content and empties the
# folder first, so what is in there is asked when it is there.
UI_FILES := $(shell find ui -name node_modules -prune -o -type f -print)

$(BUILD)/ui/index.html: $(UI_FILES) tools/build-ui
	$(call say,VITE,$(@D))
	@tools/build-ui $(@D)

$(BUILD)/embedded_ui.c: $(BUILD)/ui/index.html tools/embed
	@tools/embed --pack --root $(BUILD)/ui ui $@ $$(find $(BUILD)/ui -type f) && touch $@

$(OBJ)/embedded_%.o: $(BUILD)/embedded_%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_OWN) $(CFLAGS_OWN) -c -o $@ $<

.PHONY: always
always:

$(OBJ)/unit/%: tests/unit/%.c $(LIB_OBJS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_OWN) $(CFLAGS_OWN) -MMD -MP $(LINK) -o $@ $< $(LIB_OBJS) $(PKG_LIBS) -lcmocka -lm

$(OBJ)/fuzz/%: tests/fuzz/%.c $(LIB_OBJS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_OWN) $(CFLAGS_OWN) -MMD -MP $(LINK) -fsanitize=fuzzer -o $@ $< $(LIB_OBJS) $(PKG_LIBS) -lm

-include $(OBJS:.o=.d) $(UNIT_BIN:%=%.d) $(FUZZ_BIN:%=%.d)

.PHONY: setup units fuzzers run test asan tsan fuzz bench lint install clean help
SETUP ?= yes
setup-%:
	@if [ "$(SETUP)" = yes ]; then tools/setup $(subst +, ,$*); fi

units: $(UNIT_BIN)
fuzzers: $(FUZZ_BIN)

# Setting up comes first and in a make of its own: pkg-config is asked when a
# makefile is read, and must find what was just installed.
run: setup-build ## Install what is missing, build, and serve with demo data on http://127.0.0.1:8000
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@$(BIN) serve --demo --data $(BUILD)/demo $(ARGS)

test: setup-build+test ## Install what the tests need and run them all
	@$(MAKE) --no-print-directory -j$$(nproc) all units
	@node tests/run.mjs

lint: ## Check floors, budgets and banned words
	@node tools/lint.mjs

# The whole suite again with a sanitizer: same tests, another build folder.
asan: setup-build+test+lint ## Run all tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory -j$$(nproc) KIND=asan CC=clang BIN=$(BUILD)/millwright-asan all units
	@MILLWRIGHT_KIND=asan MILLWRIGHT_BIN=$(BUILD)/millwright-asan node tests/run.mjs

tsan: setup-build+test+lint ## Run all tests under ThreadSanitizer
	@$(MAKE) --no-print-directory -j$$(nproc) KIND=tsan CC=clang BIN=$(BUILD)/millwright-tsan all units
	@MILLWRIGHT_KIND=tsan MILLWRIGHT_BIN=$(BUILD)/millwright-tsan node tests/run.mjs

# FUZZ_SECONDS: how long each target runs (60).
fuzz: setup-build+test+lint ## Feed readers and the whole model with what libFuzzer thinks of
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@$(MAKE) --no-print-directory -j$$(nproc) KIND=fuzz CC=clang fuzzers
	@node tests/fuzz/run.mjs

bench: setup-build+bench ## Compare with a FastAPI + PostgreSQL service on this machine
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@bench/run $(ARGS)

install: $(BIN) ## Install into PREFIX (/usr/local)
	install -D -m 0755 $(BIN) $(DESTDIR)$(PREFIX)/bin/millwright

clean: ## Remove what was built
	rm -rf $(BUILD)

help: ## List the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12
