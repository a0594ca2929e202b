# One makefile: no configure step, no recursion into folders.  "make help"
# lists the targets; docs/architecture.md explains the folders.
NAME    := sekisho
VERSION := $(or $(shell git -c safe.directory='$(CURDIR)' describe --always --dirty 2>/dev/null || \
                   cat docs/VERSION 2>/dev/null),unknown)
O       ?= build
CC      ?= cc
PKG     ?= pkg-config
PREFIX  ?= /usr/local
OPT     ?= -O2 -g
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
CORE_PKGS := openssl sqlite3 libcmark pam libidn2 zlib
TUI_PKGS  := ncursesw
TEST_PKGS := cmocka vterm

# The one list of Debian packages (12 and 13): to build, and also to test.
# libaudit-dev is for Debian 13, whose pam.pc asks for it.
BUILD_DEBS := gcc libc6-dev make pkg-config gettext libncurses-dev libssl-dev \
              libsqlite3-dev libcmark-dev libpam0g-dev libaudit-dev \
              libidn2-dev libunbound-dev zlib1g-dev
TEST_DEBS  := clang llvm git libcmocka-dev libvterm-dev chromium fonts-noto-cjk fonts-noto-color-emoji fonts-liberation fonts-dejavu-core libpam-wrapper libpam-oath \
              oathtool postfix dovecot-core nginx nsd ldnsutils openssl python3 python3-dkim python3-yaml sqlite3 sqlcipher \
              binutils universal-ctags pmccabe clang-format-19 mandoc

# What to build: the tree is the list.
CORE  := $(sort $(wildcard core/*/*.c))
VARIANTS := product demo test
TUI   := $(sort $(filter-out tui/main.c $(VARIANTS:%=tui/variant_%.c),$(wildcard tui/*.c tui/*/*.c)))
UNIT  := $(sort $(wildcard tests/unit/*/test_*.c tests/journey/*.c tests/screens/test_*.c))
SYSTEM := $(sort $(wildcard tests/system/test_*.c))
FAKE  := $(sort $(wildcard tests/fake/*.c))
FUZZ  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH := $(sort $(wildcard tests/bench/bench_*.c))
SINK  := tests/bench/sink.c
PO    := $(sort $(wildcard tui/po/*.po))
MO    := $(PO:tui/po/%.po=$(O)/locale/%/LC_MESSAGES/$(NAME).mo)

# Libraries: asked for only when something will be compiled; all the missing
# ones named at once.
PLAIN := check demo deps asan tsan clean help dist format format-check manual po-update fuzz bench lint
ifneq ($(filter-out $(PLAIN),$(or $(MAKECMDGOALS),all)),)
  lacking := $(strip $(foreach p,$(CORE_PKGS) $(TUI_PKGS),$(if $(shell $(PKG) --exists $p && echo y),,$p)))
  # libunbound's file asks for what only a static link needs
  lacking += $(if $(shell $(CC) -E -include unbound.h -x c /dev/null >/dev/null 2>&1 && echo y),,libunbound)
  $(if $(strip $(lacking)),$(error pkg-config cannot find: $(lacking) ("make deps" installs them on Debian; README.md names them for other systems)))
  CORE_CF := $(shell $(PKG) --cflags $(CORE_PKGS))
  CORE_LD := $(shell $(PKG) --libs $(CORE_PKGS)) -lunbound -pthread -lm
  TUI_CF  := $(shell $(PKG) --cflags $(TUI_PKGS))
  TUI_LD  := $(shell $(PKG) --libs $(TUI_PKGS))
  TEST_CF := $(shell $(PKG) --cflags $(TEST_PKGS) 2>/dev/null)
  TEST_LD := $(shell $(PKG) --libs $(TEST_PKGS) 2>/dev/null)
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
        -Wformat=2 -Wvla -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Wconversion -Wno-sign-conversion
cc_has = $(if $(shell echo 'int x;' | $(CC) -Werror $(1) -x c -c -o /dev/null - 2>/dev/null && echo y),$(1))
HARD := -fPIE
ifdef SAN
  OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
else
  HARD += -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
          $(foreach f,-fcf-protection=full -ftrivial-auto-var-init=zero -fstrict-flex-arrays=3,$(call cc_has,$f))
endif
CF = -std=c17 -D_GNU_SOURCE -I. $(CPPFLAGS) $(OPT) $(WARN) $(WERROR) $(HARD) $(CFLAGS) -MMD -MP
LD = $(CC) -pie -Wl,-z,relro,-z,now,-z,noexecstack $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)

bin = $(1:%.c=$(O)/%)
Q   := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

.PHONY: all check check-run demo demo-run asan tsan fuzz fuzz-bins corpus soak bench bench-run lint lint-run \
        format format-check compile_flags.txt install dist clean help deps FORCE
all: $(O)/$(NAME) $(O)/demo/$(NAME) $(O)/test/$(NAME) $(MO)  ## build the program

# Three programs of the same objects; they differ in one file (tui/variant.h).
$(O)/$(NAME):      $(O)/tui/main.o $(O)/tui/variant_product.o $(O)/libtui.a $(O)/libcore.a
$(O)/demo/$(NAME): $(O)/tui/main.o $(O)/tui/variant_demo.o $(O)/demo/contacts.o $(O)/libtui.a $(O)/libcore.a
$(O)/test/$(NAME): $(O)/tui/main.o $(O)/tui/variant_test.o $(O)/libtui.a $(O)/libcore.a
$(O)/$(NAME) $(O)/demo/$(NAME) $(O)/test/$(NAME):
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(LD) -o $@ $^ $(TUI_LD) $(CORE_LD)
$(O)/libcore.a: $(CORE:%.c=$(O)/%.o)
$(O)/libtui.a:  $(TUI:%.c=$(O)/%.o)
$(O)/libfake.a: $(FAKE:%.c=$(O)/%.o)
$(O)/lib%.a:
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^
# The sample contacts are part of the demo.
$(O)/demo/contacts.c: tui/demo/contacts.csv
	$(call say,DATA,$@)
	$(Q)mkdir -p $(@D) && { echo '#include "tui/demo/demo.h"'; echo 'const unsigned char demo_contacts[] = {'; \
	  od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; echo '};'; echo 'const size_t demo_contacts_len = sizeof demo_contacts;'; } > $@
$(O)/demo/contacts.o: $(O)/demo/contacts.c $(O)/flags
	$(Q)$(CC) $(CF) -c -o $@ $<
$(O)/core/%.o:  MORE = $(CORE_CF)
$(O)/tui/%.o:   MORE = $(TUI_CF) $(CORE_CF)
$(O)/tests/%.o: MORE = $(TEST_CF) $(CORE_CF) -DBUILD_DIR='"$(O)"'
$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CF) $(MORE) -c -o $@ $<
# Other flags rebuild everything, the same flags nothing; a new commit
# rebuilds one file.
stamp = @mkdir -p $(@D); echo "$(1)" > $@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(O)/flags: FORCE
	$(call stamp,$(LD) $(CF) $(CORE_CF) $(TUI_CF) $(TEST_CF))
$(O)/version: FORCE
	$(call stamp,$(VERSION) $(PREFIX))
$(O)/tui/main.o: $(O)/version
$(O)/tui/main.o: MORE = $(TUI_CF) $(CORE_CF) -DVERSION='"$(VERSION)"' -DPREFIX='"$(PREFIX)"'
$(O)/locale/%/LC_MESSAGES/$(NAME).mo: tui/po/%.po
	$(call say,MO,$@)
	$(Q)mkdir -p $(@D) && msgfmt --check -o $@ $<

# Translations: "make po-update" brings new sentences into tui/po/*.po.
XGETTEXT = xgettext -L C --from-code=UTF-8 -k_ -kN_ -kP_:1,2 --no-location --no-wrap \
           --sort-output --package-name=$(NAME) -o $(1) $(sort $(wildcard tui/*.c tui/*/*.c tui/*.def tui/*/*.h))
.PHONY: po-update
po-update:  ## bring new sentences into the translations
	$(Q)mkdir -p $(O) && $(call XGETTEXT,$(O)/$(NAME).pot)
	$(Q)for p in $(PO); do msgmerge -q --update --backup=none --no-fuzzy-matching --no-wrap $$p $(O)/$(NAME).pot; done

# The manual's keys are those of the key table.
.PHONY: manual
manual:  ## bring the keys of tui/keys.def into the manual
	$(Q)awk -f docs/man/keys.awk tui/keys.def > docs/man/keys.new && \
	  sed -i -e '/^\.\\" keys begin$$/r docs/man/keys.new' -e '/^\.\\" keys begin$$/,/^\.\\" keys end$$/{//!d}' docs/man/$(NAME).1; \
	  rm -f docs/man/keys.new

# The table of checks is what the program says.
.PHONY: checks
checks: all  ## bring the table of checks into docs/checks.md
	$(Q)$(O)/$(NAME) --lang en checks > docs/checks.md

# Which function of core asks for which permission.
.PHONY: roles
roles: all  ## bring the table of guarded functions into docs/roles.md
	$(Q)O=$(O) sh tests/lint/guarded.sh >/dev/null || :
	$(Q)sed -i -e '/^| permission | functions of core/,/^$$/{/^| .*`/d}' docs/roles.md
	$(Q)n=$$(grep -n '^| permission | functions of core' docs/roles.md | cut -d: -f1); \
	  sed -i "$$((n + 1))r $(O)/roles.table" docs/roles.md

# Debian: one non-interactive call, skipped when everything is there.
WANT_DEBS ?= $(BUILD_DEBS)
deps:  ## install what building needs (Debian 12, 13; TEST_DEBS for the tests)
	$(Q)sh docs/deps.sh $(WANT_DEBS)

demo:  ## a whole campaign in a throw-away store with a practice relay
	$(Q)$(MAKE) --no-print-directory deps && $(MAKE) --no-print-directory -j$(JOBS) demo-run
demo-run: $(O)/demo/$(NAME) $(MO)
	$(Q)SEKISHO_SHARE=$(CURDIR) SEKISHO_LOCALE=$(abspath $(O)/locale) $(O)/demo/$(NAME) demo

# Tests: one binary per file, one stamp per passed binary; core tests and
# screen tests link no curses.
check:  ## install what the tests need, then run every test whose inputs changed
	$(Q)$(MAKE) --no-print-directory deps WANT_DEBS="$(BUILD_DEBS) $(TEST_DEBS)"
	$(Q)$(MAKE) --no-print-directory -k -j$(JOBS) check-run; rc=$$?; sh tests/summary.sh $(O); exit $$rc
check-run: $(UNIT:%.c=$(O)/%.ok) $(SYSTEM:%.c=$(O)/%.ok) $(FUZZ:%.c=$(O)/%.ok)
TEST_LIBS = $(O)/libfake.a $(O)/libtui.a $(O)/libcore.a
$(call bin,$(UNIT) $(SYSTEM) $(BENCH) $(SINK)): %: %.o $(TEST_LIBS)
	$(call say,LD,$@)
	$(Q)$(LD) -o $@ $< $(TEST_LIBS) $(TEST_LD) $(CORE_LD)
$(SYSTEM:%.c=$(O)/%.ok): all
$(O)/tests/%.ok: $(O)/tests/%
	$(Q)LC_ALL=C.UTF-8 LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0 $< >$<.log 2>&1 && echo '  ok    $*' && touch $@ || { cat $<.log; echo '  FAIL  $*'; rm -f $@; exit 1; }

# Screens are compared in both languages with tests/screens/golden.
$(patsubst %.c,$(O)/%.ok,$(filter tests/screens/%,$(UNIT))): $(MO) $(wildcard tests/screens/golden/*)
$(O)/tests/unit/tui/test_catalog.ok: $(MO) $(wildcard tests/fuzz/corpus/catalog/*)
# The CommonMark specification is not ours to keep; without a network its test
# says so.
$(O)/tests/unit/compose/test_commonmark.ok: $(O)/commonmark/spec.txt
$(O)/commonmark/spec.txt: tests/data/commonmark.sh
	$(Q)sh $< $(@D) || :
# The test data of the Mustache specification, as said there.
$(O)/tests/unit/compose/test_mustache.ok: $(O)/mustache/sections.json
$(O)/mustache/sections.json: tests/data/mustache.sh
	$(Q)sh $< $(@D) || :
# The public test suite of SPF, as said there.
$(O)/tests/unit/net/test_spf_suite.ok: $(O)/spf/cases.txt
$(O)/spf/cases.txt: tests/data/spf.sh tests/data/spf_cases.py
	$(Q)rm -f $@; sh $< $(@D) || :
# Two themes are part of the program.
$(O)/tui/theme_builtin.o: themes/terminal.theme themes/mono.theme

# A fuzz target is linked twice: with replay.c (its corpus is a regression
# test) and with libFuzzer.
$(FUZZ:%.c=$(O)/%.replay): %.replay: %.o $(O)/tests/fuzz/replay.o $(O)/libtui.a $(O)/libcore.a
	$(Q)$(LD) -o $@ $^ $(CORE_LD)
$(FUZZ:%.c=$(O)/%.ok): $(O)/tests/fuzz/fuzz_%.ok: $(O)/tests/fuzz/fuzz_%.replay $(wildcard tests/fuzz/corpus/*/*)
	$(Q)$< tests/fuzz/corpus/$* >$(<:.replay=.log) 2>&1 && echo '  ok    fuzz corpus $*' && touch $@ || \
	  { cat $(<:.replay=.log); echo '  FAIL  fuzz corpus $*'; rm -f $@; exit 1; }
$(FUZZ:%.c=$(O)/%.fuzz): %.fuzz: %.o $(O)/libtui.a $(O)/libcore.a
	$(Q)$(CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(CORE_LD)
fuzz-bins: $(FUZZ:%.c=$(O)/%.fuzz)
FUZZ_SECONDS ?= 60
fuzz:  ## FUZZ_SECONDS of libFuzzer per target (clang)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) O=$(O)/fuzz CC=clang SAN=fuzzer-no-link,address,undefined fuzz-bins
	$(Q)for t in $(FUZZ:tests/fuzz/fuzz_%.c=%); do mkdir -p $(O)/fuzz/new/$$t && \
	  $(O)/fuzz/tests/fuzz/fuzz_$$t.fuzz -max_total_time=$(FUZZ_SECONDS) $(O)/fuzz/new/$$t tests/fuzz/corpus/$$t || exit 1; done

asan:  ## the tests under AddressSanitizer and UBSan
	$(Q)$(MAKE) --no-print-directory O=$(O)/asan SAN=address,undefined check
tsan:  ## the tests under ThreadSanitizer
	$(Q)$(MAKE) --no-print-directory O=$(O)/tsan SAN=thread check
soak: $(O)/tests/journey/killed_and_resumed $(call bin,tests/bench/bench_delivery.c tests/bench/bench_proof.c $(SINK))  ## 50,000 killed 200 times; a million at full speed, and proofed
	$(Q)LC_ALL=C.UTF-8 $< --soak
	$(Q)$(O)/tests/bench/bench_delivery --count 1000000 --tls starttls --connections 20
	$(Q)$(O)/tests/bench/bench_proof 1000000
bench:  ## run the measurements
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) bench-run
bench-run: $(call bin,$(BENCH) $(SINK))
	$(Q)for b in $(call bin,$(BENCH)); do $$b || exit 1; done
lint:  ## layers, front doors, curses, limits, banned calls, symbols
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) lint-run
lint-run: all
	$(Q)rc=0; for s in tests/lint/*.sh; do O=$(O) sh $$s && echo "  ok    $$s" || { echo "  FAIL  $$s"; rc=1; }; done; exit $$rc
FORMAT ?= clang-format-19
format:  ## rewrite the tree to the house style
	$(Q)git ls-files '*.c' '*.h' | xargs $(FORMAT) -i
format-check:  ## fail when format would change anything
	$(Q)git ls-files '*.c' '*.h' | xargs $(FORMAT) --dry-run -Werror
compile_flags.txt:  ## for editors that speak clangd
	@printf '%s\n' $(CF) $(CORE_CF) $(TUI_CF) > $@

PAM_DIR ?= /etc/pam.d
install: all  ## program, demo, themes, translations, PAM file, manual (DESTDIR, PREFIX)
	install -Dm755 $(O)/$(NAME) $(DESTDIR)$(PREFIX)/bin/$(NAME)
	install -Dm755 $(O)/demo/$(NAME) $(DESTDIR)$(PREFIX)/libexec/$(NAME)/demo
	for t in themes/*.theme themes/mail/*.theme; do install -Dm644 $$t $(DESTDIR)$(PREFIX)/share/$(NAME)/$$t || exit 1; done
	for l in $(PO:tui/po/%.po=%); do install -Dm644 $(O)/locale/$$l/LC_MESSAGES/$(NAME).mo \
	  $(DESTDIR)$(PREFIX)/share/locale/$$l/LC_MESSAGES/$(NAME).mo || exit 1; done
	for m in docs/man/*.[1-8]; do install -Dm644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/} || exit 1; done
	[ -e $(DESTDIR)$(PAM_DIR)/$(NAME) ] || install -Dm644 docs/$(NAME).pam $(DESTDIR)$(PAM_DIR)/$(NAME)
DIST ?= $(NAME)-$(VERSION).tar.xz
dist:  ## the same source archive for everybody
	git archive --format=tar --prefix=$(NAME)-$(VERSION)/ \
	  --add-virtual-file=$(NAME)-$(VERSION)/docs/VERSION:$(VERSION) HEAD | xz -9 -T1 > $(DIST)
clean:  ## remove $(O)
	rm -rf $(O)
help:  ## this list
	@sed -n 's/^\([a-z_.-]*\):.*  ## /  \1\t/p' Makefile | expand -t 20
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(O) -name '*.d' 2>/dev/null)
