#include "run/manifest.h"

#include "base/clock.h"
#include "base/text.h"

#include <time.h>

size_t manifest_render(const struct manifest *m, char *out, size_t cap)
{
	char when[32];
	struct text t;

	/* The time of the publication, in UTC to the second. */
	time_t seconds = (time_t)(m->wall_ns / NS_PER_S);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);

	/* The digits and names of our own need no escaping; a path and a driver's name may. */
	text_init(&t, out, cap);
	text_fmt(&t,
		 "{\"generation\":%llu,\"time\":\"%s\",\"count\":%llu,\"format\":\"%s\",\"bytes\":%llu,"
		 "\"sha256\":\"%s\",\"source\":{\"kind\":\"%s\",\"name\":",
		 (unsigned long long)m->generation, when, (unsigned long long)m->numbers->count,
		 numbers_format_names[m->numbers->format], (unsigned long long)m->bytes, m->sha256,
		 source_kind_names[m->noise->kind]);
	text_quoted(&t, TEXT_JSON, m->noise->name);
	text_fmt(&t, ",\"driver\":");
	text_quoted(&t, TEXT_JSON, m->noise->driver);
	text_fmt(&t, "},\"health\":\"%s\"}\n", gate_state_names[m->state]);

	/* A text that was cut would be no JSON. */
	return t.cut ? 0 : t.len;
}
