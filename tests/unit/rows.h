/* rows.h - a table of rows as a group of tests: each row passes or fails by its own name. A row is a struct whose first
 * member is a const char * with the name; the test gets the row as its initial state. And a skip that says why. */
#ifndef REFRESHER_TESTS_ROWS_H
#define REFRESHER_TESTS_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Runs `test` for each of n rows of that size; the number of failures. */
static inline int rows_run(const char *group, CMUnitTestFunction test, const void *rows, size_t n, size_t size)
{
	struct CMUnitTest *tests = calloc(n, sizeof *tests);
	for (size_t i = 0; i < n; i++) {
		const char *row = (const char *)rows + i * size;
		memcpy(&tests[i].name, row, sizeof tests[i].name);
		tests[i].test_func = test;
		tests[i].initial_state = (void *)(uintptr_t)row;
	}
	int failed = _cmocka_run_group_tests(group, tests, n, NULL, NULL);
	free(tests);
	return failed;
}

/* Skips the test that runs; why, in a few words, is shown by tests/run. */
#define skip_since(why)                                                                                                \
	do {                                                                                                           \
		printf("# since %s\n", why);                                                                           \
		skip();                                                                                                \
	} while (0)

#define ROWS_RUN(group, test, rows) rows_run(group, test, rows, sizeof(rows) / sizeof *(rows), sizeof *(rows))

#endif
