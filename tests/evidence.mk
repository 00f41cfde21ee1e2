# Programs that print what the health tests and the estimates are worth: figures of the documents, from the real code.
EVIDENCE_PROGRAMS := $(addprefix $(O)/tests/,spread)

$(EVIDENCE_PROGRAMS): $(O)/tests/%: $(O)/obj/tests/%.o $(O)/librefresher.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(O)/librefresher.a $(LIBS)

.PHONY: spread
spread: $(O)/tests/spread  ## what the running estimates say of 1000 ideal inputs: how far to stay below them
	$(Q)$<
