/* A thread that can be waited for with a deadline: how it starts, and that a join ends in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/thread.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>

struct rig {
	struct thread thread;
	sem_t go;
	size_t stack_bytes;
	sigset_t blocked;
};

/* What the thread finds of itself; then it waits for the word to end. */
static void *body(void *self)
{
	struct rig *r = self;
	pthread_attr_t attr;
	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		pthread_attr_getstacksize(&attr, &r->stack_bytes);
		pthread_attr_destroy(&attr);
	}
	pthread_sigmask(SIG_BLOCK, NULL, &r->blocked);
	while (sem_wait(&r->go) < 0)
		;
	return NULL;
}

static int64_t in_ms(int64_t ms)
{
	return clock_ns(CLOCK_BOOTTIME) + ms * 1000000;
}

static void it_starts_small_and_deaf_and_is_waited_for(void **state)
{
	struct rig r;
	struct err e = {0};
	sigset_t before, after;
	(void)state;
	memset(&r, 0, sizeof r);
	sem_init(&r.go, 0, 0);
	pthread_sigmask(SIG_BLOCK, NULL, &before);
	assert_int_equal(thread_start(&r.thread, "test", body, &r, &e), 0);
	pthread_sigmask(SIG_BLOCK, NULL, &after);

	/* It runs, so a join ends at its deadline, not before. */
	int64_t deadline = in_ms(20);
	assert_false(thread_join(&r.thread, deadline));
	assert_true(clock_ns(CLOCK_BOOTTIME) >= deadline);
	assert_false(thread_join(&r.thread, 0));
	sem_post(&r.go);
	assert_true(thread_join(&r.thread, in_ms(60000)));
	assert_true(thread_join(&r.thread, 0)); /* joined already */

	assert_int_equal(r.stack_bytes, THREAD_STACK_BYTES);
	assert_int_equal(sigismember(&r.blocked, SIGTERM), 1);
	assert_int_equal(sigismember(&r.blocked, SIGUSR2), 1);
	assert_int_equal(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
	assert_int_equal(sigismember(&after, SIGUSR2), sigismember(&before, SIGUSR2));
	sem_destroy(&r.go);
}

static void one_that_never_started_is_joined(void **state)
{
	struct thread t = {0};
	(void)state;
	assert_true(thread_join(&t, 0));
}

/* The start can be made to fail. */
int __real_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*f)(void *), void *self);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*f)(void *), void *self);
static int create_error;
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*f)(void *), void *self)
{
	return create_error ? create_error : __real_pthread_create(id, attr, f, self);
}

static void one_that_cannot_start_says_why(void **state)
{
	struct thread t = {0};
	struct err e = {0};
	(void)state;
	create_error = EAGAIN;
	assert_int_equal(thread_start(&t, "collector", body, NULL, &e), -1);
	create_error = 0;
	assert_int_equal(e.code, ERR_OS);
	assert_int_equal(e.sys_errno, EAGAIN);
	assert_non_null(strstr(e.msg, "cannot start the collector thread: "));
	assert_true(thread_join(&t, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_starts_small_and_deaf_and_is_waited_for),
		cmocka_unit_test(one_that_never_started_is_joined),
		cmocka_unit_test(one_that_cannot_start_says_why),
	};
	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
