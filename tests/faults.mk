# Programs that inject faults (tests/faults), the statistics of the output and the soak run.
DEPS_TEST += libfuse3-dev fuse3 bindfs slowhttptest wrk
HAVE_FUSE := $(shell pkg-config --exists fuse3 2>/dev/null && echo yes)
FAULT_PROGRAMS := $(addprefix $(O)/tests/faults/,killsweep faultcall clockstep.so $(if $(HAVE_FUSE),faultfs))
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
$(O)/tests/faults/clockstep.so: tests/faults/clockstep.c Makefile tests/faults.mk
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(FAULT_CFLAGS) -fPIC -shared -o $@ $<

.PHONY: fault-programs
fault-programs: $(FAULT_PROGRAMS)
unit-programs: fault-programs

PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
MINUTES ?= 10
with_tmp = TMP=$$(mktemp -d) && export TMP && trap 'rm -rf "$$TMP"' EXIT && REFRESHER=$(abspath $(O)/refresher)

# Each calls make again: HAVE_FUSE is that of the packages that were there when make read this.
.PHONY: soak statistics kill-sweep http-abuse
soak:  ## random faults and load for MINUTES=10, everything checked all the time; SEED= repeats a run
	$(call need,$(DEPS_BUILD) libfuse3-dev fuse3 python3 wrk)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher fault-programs
	$(Q)$(with_tmp) $(PYTHON) tests/faults/soak.py $(MINUTES) $(SEED) $(or_skipped)
statistics:  ## long tests of the output: chi-square, ent, dieharder
	$(call need,$(DEPS_BUILD) python3 ent dieharder)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher
	$(Q)$(with_tmp) $(PYTHON) tests/statistics/statistics.py long
kill-sweep:  ## SIGKILL at every system call of a run, those of the main thread too
	$(call need,$(DEPS_BUILD) python3)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher fault-programs
	$(Q)$(with_tmp) && export REFRESHER && chmod 755 "$$TMP" && cd "$$TMP" && \
	  $(PYTHON) $(CURDIR)/tests/faults/kill_sweep.py 1 $(or_skipped)
http-abuse:  ## the figures behind the system tests of rude HTTP clients; SEED= repeats a run
	$(call need,$(DEPS_BUILD) python3 slowhttptest wrk)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/refresher
	$(Q)$(with_tmp) && export REFRESHER && for kind in own slowhttptest wrk; do $(PYTHON) tests/faults/http_abuse.py $$kind || exit 1; done
