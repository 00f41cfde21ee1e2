# libFuzzer targets (tests/fuzz): `make fuzz FUZZ_SECONDS=3600`. What a run finds and learns stays below $(FUZZ_OUT).
DEPS_LINT += libclang-rt-dev
FUZZ_SECONDS ?= 60
FUZZ_ONLY ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_CC ?= clang
DEPS_FUZZ = $(DEPS_BUILD) $(if $(filter clang,$(FUZZ_CC)),clang libclang-rt-dev)
FUZZ_OUT := $(B)/fuzz
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_CFLAGS = -std=c17 -D_GNU_SOURCE -Irefresher -Itests/unit -O2 -g $(WARN) $(FUZZ_SAN) -fsanitize=fuzzer-no-link \
  $(shell pkg-config --cflags $(PKGS) 2>/dev/null) -MMD -MP
FUZZ_OBJS := $(patsubst %.c,$(FUZZ_OUT)/obj/%.o,$(filter-out refresher/main.c,$(SRCS)) tests/unit/json_check.c tests/unit/numbers_plain.c)
FUZZ_BINS := $(FUZZ_ONLY:%=$(FUZZ_OUT)/fuzz_%)
HAVE_FUZZER = $(shell echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' | \
  $(FUZZ_CC) -fsanitize=fuzzer,address,undefined -x c -o /dev/null - 2>/dev/null && echo yes)

$(FUZZ_OUT)/obj/%.o: %.c Makefile tests/fuzz.mk
	$(call say,FUZZCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) $(DEFS_$<) -c -o $@ $<

$(FUZZ_OUT)/libfuzz.a: $(FUZZ_OBJS)
	$(Q)rm -f $@; ar rcs $@ $(FUZZ_OBJS)

$(FUZZ_OUT)/fuzz_%: $(FUZZ_OUT)/obj/tests/fuzz/fuzz_%.o $(FUZZ_OUT)/libfuzz.a
	$(call say,LD,$@)
	$(Q)$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer -Wl,--as-needed -o $@ $< $(FUZZ_OUT)/libfuzz.a $(LIBS)

.PHONY: fuzz fuzz-run fuzz-programs
fuzz:  ## fuzz each target for FUZZ_SECONDS (60); FUZZ_ONLY="yaml cli" chooses; 1 on a finding
	$(call need,$(DEPS_FUZZ))
	$(Q)$(MAKE) --no-print-directory fuzz-run
fuzz-run:
	$(Q)if [ "$(HAVE_FUZZER)" = yes ]; then \
	  $(MAKE) --no-print-directory -j$(JOBS) fuzz-programs && tests/fuzz/run $(FUZZ_OUT) $(FUZZ_SECONDS) $(FUZZ_ONLY); \
	else \
	  echo "skip   fuzz: $(FUZZ_CC) has no fuzzer runtime (Debian: libclang-rt-dev)"; \
	  echo "0 passed, 0 failed, $(words $(FUZZ_ONLY)) skipped"; \
	fi
fuzz-programs: $(FUZZ_BINS)
.PRECIOUS: $(FUZZ_OUT)/obj/%.o

-include $(shell find $(FUZZ_OUT)/obj -name '*.d' 2>/dev/null)
