# Programs that print what the health tests and the estimates are worth: figures of the documents, from the real code.
EVIDENCE_PROGRAMS := $(addprefix $(O)/tests/,detection spread)

$(EVIDENCE_PROGRAMS): $(O)/tests/%: $(O)/obj/tests/%.o $(O)/librefresher.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(O)/librefresher.a $(LIBS)

.PHONY: detection spread
spread: $(O)/tests/spread  ## what the running estimates say of 1000 ideal inputs: how far to stay below them
	$(Q)$<
detection: $(O)/tests/detection  ## which health test sees which fault after how many samples: the table of tests/README.md
	$(Q)$<

# The table of tests/README.md is what the program prints.
.PHONY: check-detection
check-detection: $(O)/tests/detection  ## is the table of tests/README.md the one that `make detection` prints?
	$(Q)$< >$(O)/detection.md
	$(Q)sed -n '/^<!-- make detection -->$$/,/^<!-- end -->$$/p' tests/README.md | sed '1d;$$d' | diff - $(O)/detection.md && echo "ok: detection"
