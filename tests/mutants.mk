# Mutants: would the unit tests notice one wrong operator, constant, return value or call? (tests/mutants.py)
# MUTATE=refresher/health restricts it to a folder or file, SINCE=COMMIT to the files changed since; COUNT=0 tries all.
MUTATE ?=
SINCE ?=
SEED ?= 1
COUNT ?= 200
.PHONY: mutants
mutants:  ## change one thing in refresher/ at a time: COUNT=200 by SEED=1, MUTATE=path, SINCE=commit; 1 when no unit test notices
	$(call need,$(DEPS_BUILD) $(DEPS_UNIT) git)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) unit-programs
	$(Q)$(PYTHON) -B tests/mutants.py $(O) --seed $(SEED) --count $(COUNT) --jobs $(JOBS) \
	  $(if $(MUTATE),--only $(MUTATE)) $(if $(SINCE),--since $(SINCE))
