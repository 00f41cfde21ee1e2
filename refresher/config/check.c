/* check.c - the rules that span keys: a value that each key would take may be wrong beside another one's. */
#include "config/config.h"
#include "config/keys.h"
#include "config/reading.h"

#include <stdarg.h>

/* A fault of the key `name`, whose value does not go with that of `other`. */
__attribute__((format(printf, 4, 5))) static void refuse(struct reading *r, const char *name, const char *other,
							 const char *fmt, ...)
{
	struct err e = {.code = ERR_CONFIG};
	const struct origin *origin = &r->origins[key_index(key_find(name))];
	const struct origin *beside = &r->origins[key_index(key_find(other))];

	/* What was refused has only its default here, and so has what may stand behind a wrong syntax. */
	if (origin->wrong || beside->wrong || (r->cut && (origin->line == 0 || beside->line == 0)))
		return;

	/* The message begins with the key, as that of every other fault does. */
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(e.msg, sizeof e.msg, fmt, ap);
	va_end(ap);
	err_wrap(&e, "%s", name);

	/* Where the file leaves the key at its default, the other one's line is the one to mend. */
	if (origin->line == 0)
		origin = beside;
	reading_add(r, origin->line, origin->column, false, &e);
}

static void check_source(const struct source_config *s, struct reading *r)
{
	/* A sample of n bits has a min-entropy of n bits at most. The default of source.min_entropy is meant for
	 * bytes, so bits need one of their own, and a file that gives none is refused with an example. */
	const double preset = 4;
	if (s->sample_bits == 1 && s->min_entropy >= preset && s->min_entropy <= preset)
		refuse(r, "source.min_entropy", "source.sample_bits",
		       "still its default 4, but a sample has source.sample_bits: 1; allowed: 0.1 to 1, for "
		       "example 0.5");
	else if (s->min_entropy > s->sample_bits)
		refuse(r, "source.min_entropy", "source.sample_bits",
		       "%g bits do not fit in a sample of source.sample_bits: %u; allowed: 0.1 to %u", s->min_entropy,
		       s->sample_bits, s->sample_bits);

	/* A recording has no path that could be guessed. */
	if (s->kind == SOURCE_REPLAY && !s->path[0])
		refuse(r, "source.path", "source.kind",
		       "empty, but source.kind is replay; allowed: the file or FIFO to read");
}

static void check_health(const struct health_config *h, struct reading *r)
{
	/* A permanent failure is the rarer false alarm of the two, or its cutoff would be reached first. What is
	 * allowed ends below the other alpha, or where the key itself ends. */
	int permanent = h->alpha_log2_permanent, intermittent = h->alpha_log2_intermittent;
	if (permanent >= intermittent)
		refuse(r, "health.alpha_permanent", "health.alpha_intermittent",
		       "%d is not below health.alpha_intermittent: %d; allowed: -120 to %d", permanent, intermittent,
		       intermittent - 1 < -20 ? intermittent - 1 : -20);

	/* The pause between two start-up tests grows from the one to the other. */
	if (h->retry_max_seconds < h->retry_min_seconds)
		refuse(r, "health.retry_max", "health.retry_min",
		       "%g is less than health.retry_min: %g; allowed: that or more", h->retry_max_seconds,
		       h->retry_min_seconds);
}

void config_check(const struct config *c, struct reading *r)
{
	check_source(&c->run.source, r);
	check_health(&c->run.health, r);

	/* The format range draws from min to max, both of them included. */
	long long min = c->run.numbers.min, max = c->run.numbers.max;
	if (min > max)
		refuse(r, "numbers.min", "numbers.max", "%lld is above numbers.max: %lld; allowed: that or less", min,
		       max);
}
