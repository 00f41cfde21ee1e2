/* memory_floor.c - what the libraries alone cost: the least program with the same parts as the daemon.
 *
 * It makes a library context with a CTR-DRBG, a parser of YAML and a seccomp filter that is not loaded, gives back what
 * can be given back, says "ready" and waits to be ended. What the daemon needs beside this is its own. */
#include "base/trim.h"
#include "seed/drbg.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

enum { POOL_SAMPLES = 64 };

static struct drbg *make_drbg(void)
{
	const struct drbg_params params = {.h_per_sample = 8, .margin_bits = 0};
	uint8_t samples[POOL_SAMPLES] = {0}, out[32];
	struct err e;
	struct pool *pool = pool_new(POOL_SAMPLES, NULL, &e);
	struct drbg *d = pool ? drbg_new(pool, &params, &e) : NULL;
	if (!d)
		return NULL;
	pool_put(pool, samples, sizeof samples);
	if (drbg_instantiate(d, NULL, 0, &e) != 0 || drbg_generate(d, out, sizeof out, false, NULL, 0, &e) != 0)
		return NULL;
	return d;
}

int main(void)
{
	yaml_parser_t parser;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!make_drbg() || !filter || !yaml_parser_initialize(&parser))
		return EXIT_FAILURE;
	yaml_parser_delete(&parser);
	seccomp_release(filter);
	trim_memory();
	puts("ready");
	fflush(stdout);
	pause();
	return EXIT_SUCCESS;
}
