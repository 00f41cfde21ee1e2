/* memory_floor.c - what the libraries alone cost: the least program with the same parts as the daemon.
 *
 * It makes a library context with a CTR-DRBG, an HTTP endpoint on a free port of 127.0.0.1 and a seccomp filter that is
 * not loaded, gives back what can be given back, says "ready" and waits to be ended. What the daemon needs beside this
 * is its own. */
#include "base/trim.h"
#include "seed/drbg.h"

#include <microhttpd.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

enum { POOL_SAMPLES = 64 };

static enum MHD_Result refuse(void *self, struct MHD_Connection *c, const char *url, const char *method,
			      const char *version, const char *upload, size_t *size, void **request)
{
	(void)self, (void)c, (void)url, (void)method, (void)version, (void)upload, (void)size, (void)request;
	return MHD_NO;
}

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
	struct MHD_Daemon *http = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, refuse, NULL,
						   MHD_OPTION_CONNECTION_LIMIT, 64u, MHD_OPTION_END);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!make_drbg() || !http || !filter || !yaml_parser_initialize(&parser))
		return EXIT_FAILURE;
	yaml_parser_delete(&parser);
	seccomp_release(filter);
	trim_memory();
	puts("ready");
	fflush(stdout);
	pause();
	return EXIT_SUCCESS;
}
