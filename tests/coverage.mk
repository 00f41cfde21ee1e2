# Coverage of the unit tests: per folder, and each place of five folders that no test reaches (tests/coverage.md says why).
COVERAGE_FLOOR ?= 95
.PHONY: coverage coverage-run
coverage:  ## line and branch coverage of the unit tests; 1 below COVERAGE_FLOOR (95 %)
	$(call need,$(DEPS_BUILD) $(DEPS_UNIT))
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) VARIANT=cov coverage-run
coverage-run: unit-programs
	$(Q)find $(O) -name '*.gcda' -delete
	$(Q)tests/run $(O) unit; rc=$$?; python3 tests/coverage.py $(O)/obj $(COVERAGE_FLOOR) && exit $$rc
