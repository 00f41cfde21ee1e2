# random-refresher. `make help` lists the targets. Objects stay below $(B)/$(VARIANT)/; B=DIR builds elsewhere.
VERSION := 0.1.0
VARIANT ?= release
B ?= build
O := $(B)/$(VARIANT)
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
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
OPT_asan := -O1 -fsanitize=address -fno-omit-frame-pointer -fPIE
OPT_ubsan := -O1 -fsanitize=undefined -fno-sanitize-recover=all -fPIE
OPT_tsan := -O1 -fsanitize=thread -fPIE
OPT_cov := -O0 --coverage -fPIE
CFLAGS ?= -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -Irefresher $(OPT_$(VARIANT)) $(WARN) $(CFLAGS) $(shell pkg-config --cflags $(PKGS)) -MMD -MP
ALL_LDFLAGS = $(OPT_$(VARIANT)) -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS)) -lm -pthread

SRCS := $(sort $(shell find refresher -name '*.c'))
OBJS := $(SRCS:%.c=$(O)/%.o)
LIB_OBJS := $(filter-out $(O)/refresher/main.o,$(OBJS))
UNIT := $(sort $(wildcard tests/unit/test_*.c))
UNIT_BINS := $(UNIT:%.c=$(O)/%)
UNIT_HELP := $(patsubst %.c,$(O)/%.o,$(filter-out $(UNIT),$(wildcard tests/unit/*.c)))

.PHONY: all
all: $(O)/refresher  ## build $(O)/refresher (VARIANT=release asan ubsan tsan cov)

$(O)/refresher: $(OBJS)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(OBJS) $(LIBS)

$(O)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(DEFS_$<) -c -o $@ $<

DEFS_refresher/cli/cli.c = -DREFRESHER_VERSION='"$(VERSION)"' -DREFRESHER_REVISION='"$(REVISION)"'
DEFS_refresher/serve/metrics.c = $(DEFS_refresher/cli/cli.c)
DEFS_refresher/serve/page.c = $(DEFS_refresher/cli/cli.c)

# One archive: a unit test pulls in only the modules that it calls.
$(O)/librefresher.a: $(LIB_OBJS)
	$(Q)rm -f $@; ar rcs $@ $(LIB_OBJS)

$(UNIT_BINS): $(O)/%: $(O)/%.o $(UNIT_HELP) $(O)/librefresher.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(UNIT_HELP) $(O)/librefresher.a $(LIBS) -lcmocka

# `make B=/tmp/x unit-rct` builds and runs one unit test.
.PHONY: unit-%
unit-%: $(O)/tests/unit/test_%
	$(Q)$<

-include $(shell find $(O) -name '*.d' 2>/dev/null)
