# Programs that inject faults (tests/faults), the statistics of the output and the soak run.
DEPS_TEST += libfuse3-dev slowhttptest wrk
HAVE_FUSE := $(shell pkg-config --exists fuse3 2>/dev/null && echo yes)
FAULT_PROGRAMS := $(addprefix $(O)/tests/faults/,killsweep faultcall $(if $(HAVE_FUSE),faultfs))
FAULT_CFLAGS = -std=c17 -D_GNU_SOURCE -O1 -g $(WARN) -MMD -MP

$(O)/tests/faults/%.o: tests/faults/%.c Makefile tests/faults.mk
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(FAULT_CFLAGS) $(if $(findstring faultfs,$<),$(shell pkg-config --cflags fuse3)) -c -o $@ $<

$(O)/tests/faults/faultfs: $(addprefix $(O)/tests/faults/,faultfs.o faults.o behave.o)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $^ $(shell pkg-config --libs fuse3) -pthread
$(O)/tests/faults/faultcall: $(addprefix $(O)/tests/faults/,faultcall.o tracer.o faults.o behave.o)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $^ -pthread
$(O)/tests/faults/killsweep: $(addprefix $(O)/tests/faults/,killsweep.o tracer.o)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $^ -pthread

.PHONY: fault-programs
fault-programs: $(FAULT_PROGRAMS)
unit-programs check-system: fault-programs

PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
MINUTES ?= 10
with_tmp = TMP=$$(mktemp -d) && export TMP && trap 'rm -rf "$$TMP"' EXIT && REFRESHER=$(abspath $(O)/refresher)

.PHONY: soak statistics kill-sweep http-abuse
soak: fault-programs $(O)/refresher  ## random faults and load for MINUTES=10, everything checked all the time; SEED= repeats a run
	$(Q)$(with_tmp) $(PYTHON) tests/faults/soak.py $(MINUTES) $(SEED)
statistics:  ## long tests of the output: chi-square, ent, rngtest, dieharder (installs the last three)
	$(call need,ent rng-tools5 dieharder)
	$(Q)$(MAKE) --no-print-directory $(O)/refresher
	$(Q)$(with_tmp) $(PYTHON) tests/statistics/statistics.py long
kill-sweep: fault-programs $(O)/refresher  ## SIGKILL at every system call of a run, those of the main thread too
	$(Q)$(with_tmp) && export REFRESHER && chmod 755 "$$TMP" && cd "$$TMP" && $(PYTHON) $(CURDIR)/tests/faults/kill_sweep.py 1
http-abuse: $(O)/refresher  ## the figures behind the system tests of rude HTTP clients; SEED= repeats a run
	$(call need,slowhttptest wrk)
	$(Q)$(with_tmp) && export REFRESHER && for kind in own slowhttptest wrk; do $(PYTHON) tests/faults/http_abuse.py $$kind || exit 1; done
