/* open.c - the only file that knows all kinds of source, and it knows them by their list. */
#include "base/str.h"
#include "source/device.h"
#include "source/source.h"

#include <stdio.h>

#define SOURCE_NAME(constant, name) #name,
const char *const source_kind_names[] = {SOURCE_KIND_LIST(SOURCE_NAME) NULL};

const char *const source_cause_names[SOURCE_CAUSES] = {"fine",      "missing", "wrong_type", "cgroup",  "mode",
						       "no_driver", "io",      "end",        "timeout", "unsupported"};

int auto_open(struct source *s, const struct source_config *c, const struct io *io, struct err *e)
{
	struct err device_err, cpu_err;

	/* The best is the device, but only one that answers: a child makes the first read, for some never do. */
	if (device_probe(c, &device_err) == 0 && device_open(s, c, io, &device_err) == 0)
		return 0;

	/* Then the CPU, then the kernel, which is always there; the caller learns why not the ones before. */
	if (cpu_open(s, c, io, &cpu_err) == 0) {
		snprintf(s->why, sizeof s->why, "device: %s", device_err.msg);
		return 0;
	}
	int rc = kernel_open(s, c, io, e);
	snprintf(s->why, sizeof s->why, "device: %s; cpu: %s", device_err.msg, cpu_err.msg);
	return rc;
}

int source_open(struct source *s, const struct source_config *c, const struct io *io, struct err *e)
{
#define SOURCE_OPEN(constant, name) name##_open,
	static source_open_function *const open_kind[] = {SOURCE_KIND_LIST(SOURCE_OPEN)};
	int rc = open_kind[c->kind](s, c, io, e);

	/* What its samples are worth is no matter of the kind. */
	s->h_per_sample = c->min_entropy;
	s->sample_bits = c->sample_bits;
	return rc;
}

void source_identify(const struct source *s, struct source_identity *i)
{
	*i = (struct source_identity){.kind = s->kind,
				      .kernel_quality_ratio = -1,
				      .h_per_sample = s->h_per_sample,
				      .sample_bits = s->sample_bits,
				      .assessed_entropy_ratio = s->h_per_sample / s->sample_bits};
	str_copy(i->name, sizeof i->name, s->name);
	str_copy(i->why, sizeof i->why, s->why);

	/* The kernel's device has a driver, which may change while it is open. */
	if (s->ops->describe)
		s->ops->describe(s->self, i);
}

void source_close(struct source *s)
{
	if (s->ops && s->ops->free)
		s->ops->free(s->self);
	*s = (struct source){0};
}
