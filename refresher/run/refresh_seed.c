/* refresh_seed.c - stage [3] of a refresh: the known-answer test, and the seed. */
#include "base/str.h"
#include "run/kernel_bytes.h"
#include "run/refresh.h"

static const int64_t SLICE_NS = 1000000000;
static const int64_t SELF_TEST_NS = INT64_C(3600) * 1000000000; /* a known-answer test is due again after an hour */

int refresh_stopping(struct refresh *r, struct err *e)
{
	return atomic_load(&r->stop) ? err_set(e, ERR_UNAVAILABLE, 0, "stopping") : 0;
}

int refresh_self_test(struct refresh *r, bool asked, struct err *e)
{
	struct drbg_counts *c = &r->seeds;

	/* A test that failed is due until it passes. */
	if (!asked && c->self_test_ok && io_now_ns(r->p->io) - c->last_self_test_ns < SELF_TEST_NS)
		return 0;

	/* What it says holds for the state of the DRBG: one that was in error for another reason stays so. */
	const bool was_ok = c->self_test_ok;
	c->self_test_ok = drbg_self_test(e) == 0;
	c->self_tests++;
	c->last_self_test_ns = io_now_ns(r->p->io);
	if (c->self_test_ok != was_ok) {
		c->ok = c->self_test_ok;
		str_copy(c->error, sizeof c->error, c->ok ? "" : e->msg);
	}
	refresh_show(r);
	return c->self_test_ok ? 0 : -1;
}

size_t refresh_need(const struct refresh *r)
{
	/* Instantiation wants a nonce as well (SP 800-90A, section "Nonce"). */
	const struct drbg_params *p = &r->p->seed;
	return drbg_is_ready(r->drbg) ? drbg_reseed_need(p) : drbg_instantiate_need(p);
}

/* In slices, so that the heartbeat goes on: waiting for a source is no fault of this process. */
static int await_samples(struct refresh *r, int64_t deadline_ns, struct err *e)
{
	size_t need = refresh_need(r);
	while (pool_counts(r->p->pool).level < need) {
		int64_t now = io_now_ns(r->p->io), slice = now + SLICE_NS;
		if (refresh_stopping(r, e) < 0)
			return -1;

		/* The gate knows why none come; where it knows nothing, they are merely too few. */
		if (now >= deadline_ns || gate_is_hopeless(r->p->gate, r->p->writes_once)) {
			struct gate_view v = gate_view(r->p->gate);
			return err_set(e, ERR_UNAVAILABLE, 0, "no seed (%zu of %zu samples): %s",
				       pool_counts(r->p->pool).level, need,
				       v.reason[0] ? v.reason : "the source is too slow; raise source.timeout");
		}
		pool_wait(r->p->pool, POOL_TAKER, need, slice < deadline_ns ? slice : deadline_ns);
		refresh_beat(r, "entropy");
	}
	return 0;
}

static void count_reseed(struct refresh *r, enum drbg_reason reason)
{
	/* A seed that was taken proves that OpenSSL is well again. */
	r->seeds.reseeds[reason]++;
	r->seeds.last_reseed_ns = io_now_ns(r->p->io);
	r->seeds.ok = true;
	r->seeds.error[0] = '\0';
	refresh_show(r);
}

/* Entropy input comes from the pool, additional input from the kernel. */
int refresh_seed(struct refresh *r, int64_t deadline_ns, enum drbg_reason reason, struct err *e)
{
	uint8_t kernel[KERNEL_BYTES];
	refresh_enter(r, REFRESH_ENTROPY);
	if (await_samples(r, deadline_ns, e) < 0)
		return -1;

	/* Before the samples are taken: a failure that is latched in between empties the pool, so the seed fails. A
	 * seed inside of a refresh gives it no new ticket. */
	struct gate_ticket ticket = gate_ticket(r->p->gate);
	bool recovered = ticket.tests_passed != r->ticket.tests_passed;
	if (reason == DRBG_REFRESH)
		r->ticket = ticket;
	if (kernel_bytes(kernel, sizeof kernel, e) < 0)
		return -1;

	/* A DRBG that OpenSSL has failed is not instantiated any more, and begins anew. */
	bool ready = drbg_is_ready(r->drbg);
	int rc = ready ? drbg_reseed(r->drbg, kernel, sizeof kernel, e)
		       : drbg_instantiate(r->drbg, kernel, sizeof kernel, e);
	wipe(kernel, sizeof kernel);
	if (rc < 0)
		return -1;
	r->since_reseed = 0;

	/* The first seed of all is counted as such, and the first after a failure of the source. */
	if (!ready)
		reason = DRBG_START;
	else if (recovered && reason == DRBG_REFRESH)
		reason = DRBG_RECOVERY;
	count_reseed(r, reason);
	return 0;
}
