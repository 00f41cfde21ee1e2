/* Every text is refused with key and place, or is a result whose figures are ones that can be used. An input is the
 * text. */
#include "fuzz.h"

#include "config/evidence.h"
#include "config/plain.h"

#define NOW 1800000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct assessed a;
	struct err e = {0};

	if (evidence_parse("r.json", (const char *)data, len, 8, NOW, &a, &e) < 0) {
		FUZZ_CHECK(e.code == ERR_CONFIG && strncmp(e.msg, "source.min_entropy_file: r.json:", 32) == 0, "%s",
			   e.msg);
		FUZZ_CHECK(plain_is_printable(e.msg), "%s", e.msg);
		return 0;
	}
	FUZZ_CHECK(a.h_per_sample >= 0 && a.h_per_sample <= 8, "%g", a.h_per_sample);
	FUZZ_CHECK(a.date_unix_seconds <= NOW, "%g", a.date_unix_seconds);
	FUZZ_CHECK(a.samples >= EVIDENCE_SAMPLES_MIN, "%llu", (unsigned long long)a.samples);
	FUZZ_CHECK(plain_is_printable(a.driver) && plain_is_printable(a.version), "%s %s", a.driver, a.version);
	return 0;
}
