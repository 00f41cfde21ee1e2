# Programs that inject faults (tests/faults), the statistics of the output and the soak run.
DEPS_TEST += libfuse3-dev
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
