# random-refresher. `make help` lists the targets. Objects stay below $(B)/$(VARIANT)/; B=DIR builds elsewhere.
VERSION := 0.2.0
VARIANT ?= release
VARIANTS := release asan tsan cov
ifneq ($(words $(VARIANT))$(filter-out $(VARIANTS),$(VARIANT)),1)
$(error VARIANT="$(VARIANT)" is unknown; allowed: one of $(VARIANTS))
endif
B ?= build
O := $(B)/$(VARIANT)
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG_FORMAT ?= clang-format
CLANG_TIDY ?= clang-tidy
REVISION := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

PKGS := libcrypto libmicrohttpd yaml-0.1 libseccomp
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith -Wundef \
  -Wno-missing-field-initializers $(if $(CI),-Werror) $(WERROR)
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
OPT_release := -O2 -D_FORTIFY_SOURCE=2 $(HARDEN)
OPT_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -fPIE
OPT_tsan := -O1 -fsanitize=thread -fPIE
# Threads count in the same places, and gcov infers some counts from others: one lost would make up a branch that nobody took.
OPT_cov := -O0 --coverage -fprofile-update=atomic -fPIE
CFLAGS ?= -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -Irefresher $(OPT_$(VARIANT)) $(WARN) $(CFLAGS) $(shell pkg-config --cflags $(PKGS) 2>/dev/null) -MMD -MP
ALL_LDFLAGS = $(OPT_$(VARIANT)) -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -pthread

SRCS := $(sort $(shell find refresher -name '*.c'))
# The daemon takes of the assessment only what runs along with it.
DAEMON_SRCS := $(filter-out refresher/assess_cli/% $(filter-out $(patsubst %,refresher/assess/%.c,bound estimate running),$(wildcard refresher/assess/*.c)),$(SRCS))
OBJS := $(DAEMON_SRCS:%.c=$(O)/obj/%.o)
LIB_OBJS := $(filter-out $(O)/obj/refresher/main.o $(O)/obj/refresher/assess_cli/main.o,$(SRCS:%.c=$(O)/obj/%.o))
UNIT := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BINS := $(UNIT:%.c=$(O)/%)
UNIT_HELP := $(patsubst %.c,$(O)/obj/%.o,$(filter-out $(UNIT),$(wildcard tests/unit/*.c)))

.PHONY: all
all: $(O)/refresher $(O)/refresher-assess  ## build $(O)/refresher and refresher-assess (VARIANT=$(VARIANTS))

$(O)/refresher: $(OBJS)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(OBJS) $(LIBS)

$(O)/refresher-assess: $(O)/obj/refresher/assess_cli/main.o $(O)/librefresher.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# A bare machine is told what is missing, and not that some compiler is no file.
.PHONY: toolchain
toolchain:
	$(Q)tests/toolchain "$(CC)" $(PKGS) || { echo "make deps-build installs it: apt-get install $(DEPS_BUILD)" >&2; exit 1; }

$(O)/obj/%.o: %.c Makefile | toolchain
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(DEFS_$<) -c -o $@ $<

DEFS_refresher/cli/cli.c = -DREFRESHER_VERSION='"$(VERSION)"' -DREFRESHER_REVISION='"$(REVISION)"'
DEFS_refresher/main.c = $(DEFS_refresher/cli/cli.c)
DEFS_refresher/serve/metrics.c = $(DEFS_refresher/cli/cli.c)
DEFS_refresher/serve/page.c = $(DEFS_refresher/cli/cli.c)
DEFS_refresher/serve/report.c = $(DEFS_refresher/cli/cli.c)
DEFS_refresher/assess_cli/main.c = $(DEFS_refresher/cli/cli.c)

# The figures of an assessment do not depend on what the machine that builds it can fuse. Under sanitizers, too, it works
# on millions of bits.
$(O)/obj/refresher/assess/%.o: ALL_CFLAGS += -ffp-contract=off $(if $(filter asan tsan,$(VARIANT)),-O2)
# Ten thousand permutations: loops over bytes, of which 16 at a time is several times faster.
$(O)/obj/refresher/assess/iid_statistics.o $(O)/obj/refresher/assess/huffman_size.o: ALL_CFLAGS += $(if $(filter release,$(VARIANT)),-O3)

# The page and the help are taken in by the assembler.
$(O)/obj/refresher/serve/index.o: refresher/serve/index.html
$(O)/obj/refresher/cli/help.o: refresher/cli/help.txt

# One archive: a unit test pulls in only the modules that it calls.
$(O)/librefresher.a: $(LIB_OBJS)
	$(Q)rm -f $@; ar rcs $@ $(LIB_OBJS)

$(O)/libunit.a: $(UNIT_HELP)
	$(Q)rm -f $@; ar rcs $@ $(UNIT_HELP)

$(UNIT_BINS): $(O)/%: $(O)/obj/%.o $(O)/libunit.a $(O)/librefresher.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(O)/libunit.a $(O)/librefresher.a $(LIBS) -lcmocka

.PHONY: unit-%
unit-%: $(O)/tests/unit/test_%  ## build and run one unit test: unit-rct
	$(Q)$<

# ---- run and test -------------------------------------------------------------------------------------------------
DEPS_BUILD := gcc libc6-dev make pkg-config libssl-dev libmicrohttpd-dev libyaml-dev libseccomp-dev
DEPS_UNIT := libcmocka-dev libbz2-dev bash python3
# NIST's public tool, which Debian has since 13: one test compares its figures with ours.
NIST_TOOL := $(shell . /etc/os-release; [ "$$VERSION_ID" != 13 ] || echo sp800-90b-entropy-assessment)
DEPS_TEST := $(DEPS_UNIT) $(NIST_TOOL) curl procps e2fsprogs mandoc bsdextrautils openssl strace ent zsh prometheus python3-prometheus-client
DEPS_LINT := python3 clang clang-format clang-tidy cppcheck universal-ctags shellcheck binutils git
# Debian's node only where none is there: it would fight with another one's npm.
DEPS_MANIFESTS = $(if $(shell command -v node 2>/dev/null || command -v npm 2>/dev/null),,nodejs npm) python3 curl prometheus prometheus-alertmanager
need = $(Q)tests/need $(1)
# Behind a test: one that can test nothing here ends with 77, and its closing line has counted that.
or_skipped = || [ $$? = 77 ]

.PHONY: deps deps-build deps-test deps-manifests
deps:  ## install everything that building, testing and linting need (apt-get; Debian 12 and 13)
	$(call need,$(DEPS_BUILD) $(DEPS_TEST) $(DEPS_LINT) $(DEPS_MANIFESTS))
deps-build:
	$(call need,$(DEPS_BUILD))
deps-test:
	$(call need,$(DEPS_BUILD) $(DEPS_TEST))
deps-manifests:
	$(call need,$(DEPS_MANIFESTS))

LISTEN ?= 127.0.0.1:8080
RUN_ARGS ?= ./numbers.txt 10000 30
# Root's daemon goes on as the owner of this directory, who may write into it; what root has built is the owner's too.
OWNER = $(shell stat -c %u:%g .)
RUN_USER = $(if $(filter 0,$(shell id -u)),--set confine.user=$(OWNER))
RUN = $(strip $(O)/refresher --source auto --listen $(LISTEN) $(RUN_USER) $(RUN_ARGS))
hand_over = $(if $(filter 0,$(shell id -u)),$(if $(filter-out 0:0,$(OWNER)),$(Q)chown -R $(OWNER) $(B)))
.PHONY: run
run: deps-build  ## build and run the main job into ./numbers.txt, HTTP on $(LISTEN)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher
	$(call hand_over)
	$(Q)[ ! -c /dev/hwrng ] || [ -r /dev/hwrng ] || echo 'make: a generator is here, and only root may read it: sudo make run'
	@echo '$(RUN)'
	@$(RUN) || { r=$$?; [ $$r != 71 ] || echo 'make: where the port is taken: make run LISTEN=127.0.0.1:8081'; exit $$r; }

.PHONY: test unit check-system test-surroundings test-threads
test: deps-test  ## unit tests, then system tests of the real binary (VARIANT= applies)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher $(O)/refresher-assess unit-programs
	$(call hand_over)
	$(Q)tests/run $(O) unit system
unit:  ## unit tests alone
	$(call need,$(DEPS_BUILD) $(DEPS_UNIT))
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) unit-programs
	$(Q)tests/run $(O) unit
check-system: deps-test  ## system tests alone
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher $(O)/refresher-assess fault-programs
	$(Q)tests/run $(O) system
test-surroundings: deps-test  ## system tests as an ordinary user, on a read-only root, and without Landlock; needs root
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher $(O)/refresher-assess fault-programs
	$(Q)tests/surroundings.sh $(O) $(or_skipped)
test-threads: deps-test  ## the tests in which threads meet; for VARIANT=tsan
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher $(O)/refresher-assess unit-programs
	$(Q)tests/run $(O) threads
.PHONY: test-page
test-page:  ## the status page in each state, two widths and two themes, in a headless Chromium; SHOTS=DIRECTORY keeps pictures
	$(call need,$(DEPS_BUILD) python3 chromium chromium-driver)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher
	$(Q)tests/page/run.py $(O)/refresher $(SHOTS) $(or_skipped)
.PHONY: unit-programs
unit-programs: $(UNIT_BINS)

.PHONY: lint format
lint:  ## include table, circles, readers of the status, mutable globals, function and file length, clang-tidy, cppcheck, clang-format, shellcheck, manuals
	$(call need,$(DEPS_BUILD) $(DEPS_LINT) mandoc)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all
	$(Q)tests/lint/lint $(O) "$(CLANG_TIDY)" "$(CLANG_FORMAT)"
format:  ## clang-format all C files in place
	$(Q)git ls-files '*.c' '*.h' | xargs $(CLANG_FORMAT) -i

# ---- install -------------------------------------------------------------------------------------------------------
# Where things go, in the order of the files that are listed below.
ETC ?= /etc/random-refresher
SHARE := $(PREFIX)/share
UNITDIR ?= $(PREFIX)/lib/systemd/system
ZSHDIR ?= $(SHARE)/zsh/site-functions
BASH_COMPLETIONS := $(O)/completions/refresher $(O)/completions/refresher-assess
ZSH_COMPLETIONS := $(O)/completions/_refresher $(O)/completions/_refresher-assess
INSTALLED = $(PREFIX)/sbin/refresher $(PREFIX)/bin/refresher-assess $(SHARE)/man/man1/refresher-assess.1 \
  $(SHARE)/man/man8/refresher.8 $(SHARE)/man/man5/refresher.yaml.5 \
  $(SHARE)/doc/refresher/refresher.yaml $(UNITDIR)/refresher.service \
  $(addprefix $(SHARE)/bash-completion/completions/,$(notdir $(BASH_COMPLETIONS))) $(addprefix $(ZSHDIR)/,$(notdir $(ZSH_COMPLETIONS)))
put = install -D -m 644 $(1) $(DESTDIR)$(2)

.PHONY: install uninstall completions
completions: $(BASH_COMPLETIONS) $(ZSH_COMPLETIONS)
# Out of what the programs themselves say to --help.
complete = $(Q)mkdir -p $(@D) && $< --help | refresher/cli/completions -v SHELL=$(1) >$@.part && mv $@.part $@
$(BASH_COMPLETIONS): $(O)/completions/%: $(O)/% refresher/cli/completions
	$(call complete,bash)
$(ZSH_COMPLETIONS): $(O)/completions/_%: $(O)/% refresher/cli/completions
	$(call complete,zsh)
install: $(O)/refresher $(O)/refresher-assess completions  ## install programs, manuals, completions, unit and its configuration below $(DESTDIR)$(PREFIX)
	$(call hand_over)
	install -D -m 755 $(O)/refresher $(DESTDIR)$(PREFIX)/sbin/refresher
	install -D -m 755 $(O)/refresher-assess $(DESTDIR)$(PREFIX)/bin/refresher-assess
	$(call put,refresher/man/refresher-assess.1,$(SHARE)/man/man1/refresher-assess.1)
	$(call put,refresher/man/refresher.8,$(SHARE)/man/man8/refresher.8)
	$(call put,refresher/man/refresher.yaml.5,$(SHARE)/man/man5/refresher.yaml.5)
	$(call put,refresher/man/refresher.yaml,$(SHARE)/doc/refresher/refresher.yaml)
	install -d $(DESTDIR)$(SHARE)/bash-completion/completions $(DESTDIR)$(ZSHDIR)
	install -m 644 $(BASH_COMPLETIONS) $(DESTDIR)$(SHARE)/bash-completion/completions
	install -m 644 $(ZSH_COMPLETIONS) $(DESTDIR)$(ZSHDIR)
	$(call put,systemd/refresher.service,$(UNITDIR)/refresher.service)
	sed -i 's|/usr/sbin/refresher|$(PREFIX)/sbin/refresher|; s|/etc/random-refresher|$(ETC)|' $(DESTDIR)$(UNITDIR)/refresher.service
	[ -e $(DESTDIR)$(ETC)/refresher.yaml ] || $(call put,systemd/refresher.yaml,$(ETC)/refresher.yaml)
	@$(if $(DESTDIR),:,echo 'make: start it by: systemctl daemon-reload && systemctl enable --now refresher')
uninstall:  ## remove what install put there; a configuration that was changed stays
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	cmp -s systemd/refresher.yaml $(DESTDIR)$(ETC)/refresher.yaml && rm $(DESTDIR)$(ETC)/refresher.yaml || :
	rmdir $(DESTDIR)$(SHARE)/doc/refresher $(DESTDIR)$(ETC) 2>/dev/null || :

DEPS_DEB := build-essential debhelper
.PHONY: deb test-deb
deb:  ## build a Debian package, $(B)/deb/random-refresher_$(VERSION)_*.deb, for the Debian that this machine runs
	$(call need,$(DEPS_BUILD) $(DEPS_DEB))
	$(Q)debian/build $(B)/deb $(VERSION) $(REVISION)
	@ls $(B)/deb/random-refresher_$(VERSION)_*.deb
test-deb:  ## build the package on Debian 12 and 13, and install, start, refresh and remove it there under systemd; root, minutes
	$(call need,mmdebstrap)
	$(Q)DEPS="$(DEPS_BUILD) $(DEPS_DEB)" VERSION=$(VERSION) tests/deb/run.sh $(B)/test-deb $(or_skipped)

.PHONY: clean help
clean:  ## remove everything that was built
	rm -rf $(B)
# Variables that the texts below name; they are shown with their values.
HELP_VARS := O B VERSION VARIANTS DESTDIR PREFIX LISTEN IMAGE SBOM_DIR
help:  ## this list
	@awk -F':.*## ' '/^[a-z%_-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST) | \
	  sed $(foreach v,$(HELP_VARS),-e 's|\$$($(v))|$($(v))|g')

-include $(wildcard */*.mk)
-include $(shell find $(O) -name '*.d' 2>/dev/null)
