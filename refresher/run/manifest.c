#include "run/manifest.h"

#include "base/clock.h"

#include <stdio.h>
#include <time.h>

/* A JSON string's inside; what JSON would need escaped in a path or driver name becomes '?': labels, not data. */
static void plain(const char *in, char *out, size_t cap)
{
	size_t n = 0;

	/* Also what is no ASCII, since a name that was cut might end in the midst of a character. */
	for (; *in && n + 1 < cap; in++) {
		unsigned char c = (unsigned char)*in;
		out[n++] = c < ' ' || c == '"' || c == '\\' || c >= 0x7f ? '?' : *in;
	}
	out[n] = '\0';
}

size_t manifest_render(const struct manifest *m, char *out, size_t cap)
{
	/* The time of the publication, in UTC to the second. */
	char when[32], name[sizeof m->noise->name], driver[sizeof m->noise->driver];
	time_t seconds = (time_t)(m->wall_ns / NS_PER_S);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);

	/* The digits and names of our own need no escaping; a path and a driver's name may. */
	plain(m->noise->name, name, sizeof name);
	plain(m->noise->driver, driver, sizeof driver);
	int n = snprintf(
		out, cap,
		"{\"generation\":%llu,\"time\":\"%s\",\"count\":%llu,\"format\":\"%s\",\"bytes\":%llu,"
		"\"sha256\":\"%s\",\"source\":{\"kind\":\"%s\",\"name\":\"%s\",\"driver\":\"%s\"},\"health\":\"%s\"}\n",
		(unsigned long long)m->generation, when, (unsigned long long)m->numbers->count,
		numbers_format_names[m->numbers->format], (unsigned long long)m->bytes, m->sha256,
		source_kind_names[m->noise->kind], name, driver, gate_state_names[m->state]);

	/* A text that was cut would be no JSON. */
	return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}
