#include "run/manifest.h"

#include <stdio.h>
#include <time.h>

/* A JSON string's inside; what JSON would need escaped in a path or driver name becomes '?': labels, not data. */
static void plain(const char *in, char *out, size_t cap)
{
	size_t n = 0;
	for (; *in && n + 1 < cap; in++) {
		unsigned char c = (unsigned char)*in;
		out[n++] = c < ' ' || c == '"' || c == '\\' || c >= 0x7f ? '?' : *in;
	}
	out[n] = '\0';
}

size_t manifest_render(const struct status *s, const struct numbers_config *c, uint64_t generation, uint64_t bytes,
		       const char sha256[65], char *out, size_t cap)
{
	char when[32], name[STATUS_TEXT], driver[64];
	time_t seconds = (time_t)(s->now_real_ns / 1000000000);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	plain(s->source_name, name, sizeof name);
	plain(s->source_driver, driver, sizeof driver);
	int n = snprintf(
		out, cap,
		"{\"generation\":%llu,\"time\":\"%s\",\"count\":%llu,\"format\":\"%s\",\"bytes\":%llu,"
		"\"sha256\":\"%s\",\"source\":{\"kind\":\"%s\",\"name\":\"%s\",\"driver\":\"%s\"},\"health\":\"%s\"}\n",
		(unsigned long long)generation, when, (unsigned long long)c->count, numbers_format_name(c->format),
		(unsigned long long)bytes, sha256, s->source_kind, name, driver, gate_state_name(s->state));
	return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}
