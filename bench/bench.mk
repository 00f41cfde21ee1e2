# Speed and cost beside the peers, all in one run. Figures mean something for VARIANT=release only.
DEPS_BENCH := python3 binutils procps coreutils openssl ent rng-tools5 prometheus-node-exporter
BENCH_PROGRAMS := $(patsubst bench/%.c,$(O)/bench/%,$(wildcard bench/*.c))

$(BENCH_PROGRAMS): $(O)/bench/%: $(O)/obj/bench/%.o $(O)/librefresher.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(O)/librefresher.a $(LIBS)

# Its inputs and the plain readings are those of the tests.
ASSESS_PLAIN := $(patsubst %,$(O)/obj/tests/unit/assess_%.o,inputs plain)
$(O)/bench/assess_speed: $(ASSESS_PLAIN)
$(O)/bench/assess_speed: LIBS += $(ASSESS_PLAIN) $(O)/librefresher.a -lcrypto

.PHONY: bench bench-quick bench-deps bench-programs
bench-programs:
	$(call need,$(DEPS_BUILD) python3 binutils)
	$(Q)$(MAKE) --no-print-directory $(O)/refresher $(O)/refresher-assess $(BENCH_PROGRAMS)
bench: bench-programs  ## measure everything beside the peers, some 10 minutes; table, and $(B)/bench.json; BENCH_ARGS=--markdown, BENCH_DIR=, IMAGE_ROOT=, EA_NON_IID=, RANDOM_RUNNER_CLASSPATH=
	$(Q)IMAGE=$(IMAGE) bench/run --out $(O) --json $(B)/bench.json $(BENCH_ARGS) $(if $(IMAGE_ROOT),--image $(IMAGE_ROOT))
bench-quick: bench-programs  ## the same with few rounds, under a minute
	$(Q)IMAGE=$(IMAGE) bench/run --quick --out $(O) --json $(B)/bench.json $(BENCH_ARGS) $(if $(IMAGE_ROOT),--image $(IMAGE_ROOT))
bench-deps:  ## install the peers that are measured beside
	$(call need,$(DEPS_BUILD) $(DEPS_BENCH))
