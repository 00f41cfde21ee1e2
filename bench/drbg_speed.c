/* drbg_speed - bytes per second of the DRBG beside bare AES-256-CTR of the same OpenSSL.
 *
 * drbg_speed [MIB [ROUNDS]]: each round lets both make MIB mebibytes (default 64) in requests of 64 KiB, one after the
 * other, so that both meet the same machine; the median of the rounds (default 7) is printed, with its share
 * of bare AES. CPU time of the thread, not wall time. */
#include "seed/drbg.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OURS, BARE, CONTENDERS, MAX_ROUNDS = 99, POOL_SAMPLES = 1024 };

struct contender {
	const char *name;
	struct pool *pool;
	struct drbg *drbg;
	EVP_CIPHER_CTX *aes; /* of the bare one */
	double mb_per_s[MAX_ROUNDS];
};

static void die(const char *what)
{
	fprintf(stderr, "drbg_speed: %s\n", what);
	exit(EXIT_FAILURE);
}

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void open_drbg(struct contender *c)
{
	const struct drbg_params params = {.h_per_sample = 4, .margin_bits = DRBG_MARGIN_BITS};
	uint8_t samples[POOL_SAMPLES] = {0}; /* only the speed matters here */
	struct err e;
	c->name = DRBG_NAME;
	c->pool = pool_new(POOL_SAMPLES, NULL, &e);
	c->drbg = c->pool ? drbg_new(c->pool, &params, &e) : NULL;
	if (!c->drbg)
		die(e.msg);
	pool_put(c->pool, samples, sizeof samples);
	if (drbg_instantiate(c->drbg, NULL, 0, &e) != 0)
		die(e.msg);
}

static void open_bare(struct contender *c)
{
	static const uint8_t key[32], iv[16];
	c->name = "AES-256-CTR";
	c->aes = EVP_CIPHER_CTX_new();
	if (!c->aes || !EVP_EncryptInit_ex2(c->aes, EVP_aes_256_ctr(), key, iv, NULL))
		die("no AES-256-CTR");
}

static void make(struct contender *c, uint8_t *buf)
{
	struct err e;
	int n;
	if (c->drbg && drbg_generate(c->drbg, buf, DRBG_MAX_REQUEST, false, NULL, 0, &e) != 0)
		die(e.msg);
	if (c->aes && !EVP_EncryptUpdate(c->aes, buf, &n, buf, DRBG_MAX_REQUEST))
		die("AES-256-CTR failed");
}

static double run(struct contender *c, size_t requests)
{
	static uint8_t buf[DRBG_MAX_REQUEST];
	double begin = cpu_s();
	for (size_t i = 0; i < requests; i++)
		make(c, buf);
	return (double)requests * DRBG_MAX_REQUEST / 1e6 / (cpu_s() - begin);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	size_t requests = (size_t)(argc > 1 ? atoi(argv[1]) : 64) * 16;
	size_t rounds = (size_t)(argc > 2 ? atoi(argv[2]) : 7);
	if (requests == 0 || rounds == 0 || rounds > MAX_ROUNDS)
		die("usage: drbg_speed [MIB [ROUNDS]], ROUNDS 1 ... 99");
	struct contender all[CONTENDERS] = {0};
	open_drbg(&all[OURS]);
	open_bare(&all[BARE]);
	for (size_t r = 0; r < rounds; r++)
		for (int i = 0; i < CONTENDERS; i++)
			all[i].mb_per_s[r] = run(&all[i], requests);
	for (int i = 0; i < CONTENDERS; i++)
		qsort(all[i].mb_per_s, rounds, sizeof(double), by_value);
	printf("OpenSSL %s, %zu MiB x %zu, median MB/s of CPU time\n", drbg_library_version(), requests / 16, rounds);
	for (int i = 0; i < CONTENDERS; i++) {
		double median = all[i].mb_per_s[rounds / 2];
		printf("%-12s %9.1f  %5.1f %%\n", all[i].name, median, 100 * median / all[BARE].mb_per_s[rounds / 2]);
	}
	for (int i = 0; i < CONTENDERS; i++) {
		drbg_free(all[i].drbg);
		pool_free(all[i].pool);
		EVP_CIPHER_CTX_free(all[i].aes);
	}
	return EXIT_SUCCESS;
}
