/* check.c - the rules that span keys: a value that each key would take may be wrong beside another one's. */
#include "config/config.h"
#include "config/keys.h"
#include "config/reading.h"

static int check_bits(const struct config *c, struct err *e)
{
	const struct source_config *s = &c->run.source;
	const double preset = 4; /* of source.min_entropy */
	if (s->sample_bits == 1 && s->min_entropy >= preset && s->min_entropy <= preset)
		return err_set(e, ERR_CONFIG, 0,
			       "still its default 4, but a sample has source.sample_bits: 1; allowed: 0.1 to 1, for "
			       "example 0.5");
	if (s->min_entropy > s->sample_bits)
		return err_set(e, ERR_CONFIG, 0,
			       "%g bits do not fit in a sample of source.sample_bits: %u; allowed: 0.1 to %u",
			       s->min_entropy, s->sample_bits, s->sample_bits);
	return 0;
}

static int check_replay(const struct config *c, struct err *e)
{
	if (c->run.source.kind == SOURCE_REPLAY && !c->run.source.path[0])
		return err_set(e, ERR_CONFIG, 0, "empty, but source.kind is replay; allowed: the file or FIFO to read");
	return 0;
}

static int check_alphas(const struct config *c, struct err *e)
{
	int permanent = c->run.health.alpha_log2_permanent, intermittent = c->run.health.alpha_log2_intermittent;
	if (permanent >= intermittent)
		return err_set(e, ERR_CONFIG, 0, "%d is not below health.alpha_intermittent: %d; allowed: -120 to %d",
			       permanent, intermittent, intermittent - 1 < -20 ? intermittent - 1 : -20);
	return 0;
}

static int check_retry(const struct config *c, struct err *e)
{
	double min = c->run.health.retry_min_seconds, max = c->run.health.retry_max_seconds;
	if (max < min)
		return err_set(e, ERR_CONFIG, 0, "%g is less than health.retry_min: %g; allowed: that or more", max,
			       min);
	return 0;
}

static int check_range(const struct config *c, struct err *e)
{
	long long min = c->run.numbers.min, max = c->run.numbers.max;
	if (min > max)
		return err_set(e, ERR_CONFIG, 0, "%lld is above numbers.max: %lld; allowed: that or less", min, max);
	return 0;
}

static const struct rule {
	const char *key, *other; /* the message is of the first one */
	int (*check)(const struct config *c, struct err *e);
} rules[] = {
	{"source.min_entropy", "source.sample_bits", check_bits},
	{"source.path", "source.kind", check_replay},
	{"health.alpha_permanent", "health.alpha_intermittent", check_alphas},
	{"health.retry_max", "health.retry_min", check_retry},
	{"numbers.min", "numbers.max", check_range},
};

void config_check(const struct config *c, struct reading *r)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		struct err e;
		const struct origin *origin = &r->origins[key_index(key_find(rules[i].key))];
		const struct origin *other = &r->origins[key_index(key_find(rules[i].other))];
		/* What was refused has only its default here, and so has what may stand behind a wrong syntax. */
		bool unknown = origin->wrong || other->wrong || (r->cut && (origin->line == 0 || other->line == 0));
		if (unknown || rules[i].check(c, &e) == 0)
			continue;
		err_wrap(&e, "%s", rules[i].key);
		/* Where the file leaves the key at its default, the other one's place is the one to mend. */
		if (origin->line == 0)
			origin = other;
		reading_add(r, origin->line, origin->column, false, &e);
	}
}
