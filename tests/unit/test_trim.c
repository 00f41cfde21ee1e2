/* trim: resident memory falls, and nothing that was readable changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/trim.h"

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOCKS = 64, BLOCK = 4096 };

/* Between constants AddressSanitizer forbids to look. */
__attribute__((no_sanitize_address)) static int sum_segments(struct dl_phdr_info *object, size_t size, void *self)
{
	uint64_t *sum = self;
	(void)size;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &object->dlpi_phdr[i];
		if (ph->p_type != PT_LOAD || (ph->p_flags & PF_W) || !(ph->p_flags & PF_R))
			continue;
		const volatile uint8_t *p = (const void *)(object->dlpi_addr + ph->p_vaddr);
		for (size_t at = 0; at < ph->p_memsz; at += 64)
			*sum = *sum * 31 + p[at];
	}
	return 0;
}

static uint64_t sum_of_everything_read_only(void)
{
	uint64_t sum = 0;
	dl_iterate_phdr(sum_segments, &sum);
	return sum;
}

static size_t resident_pages(void)
{
	char text[128];
	unsigned long total, resident;
	int fd = open("/proc/self/statm", O_RDONLY);
	assert_true(fd >= 0);
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	assert_true(n > 0);
	text[n] = '\0';
	assert_int_equal(sscanf(text, "%lu %lu", &total, &resident), 2);
	return resident;
}

static void test_resident_memory_falls(void **state)
{
	(void)state;
	sum_of_everything_read_only(); /* now all of it is resident */
	size_t before = resident_pages();
	trim_memory();
	size_t after = resident_pages();
	assert_true(after < before);
}

static void test_code_and_constants_stay(void **state)
{
	(void)state;
	uint64_t before = sum_of_everything_read_only();
	trim_memory();
	assert_true(before == sum_of_everything_read_only());
}

static void test_the_heap_keeps_what_is_in_use(void **state)
{
	uint8_t *blocks[BLOCKS], wanted[BLOCK];
	(void)state;
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(BLOCK);
		assert_non_null(blocks[i]);
		memset(blocks[i], i + 1, BLOCK);
	}
	for (int i = 0; i < BLOCKS; i += 2)
		free(blocks[i]);
	trim_memory();
	for (int i = 1; i < BLOCKS; i += 2) {
		memset(wanted, i + 1, BLOCK);
		assert_memory_equal(blocks[i], wanted, BLOCK);
		free(blocks[i]);
	}
}

static uint64_t written = 0x0123456789abcdef; /* in a segment that may be written */

static void test_variables_keep_their_values(void **state)
{
	(void)state;
	written++;
	trim_memory();
	assert_true(written == 0x0123456789abcdf0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"resident memory falls", test_resident_memory_falls, NULL, NULL, NULL},
		{"code and constants stay what they are", test_code_and_constants_stay, NULL, NULL, NULL},
		{"the heap keeps what is in use", test_the_heap_keeps_what_is_in_use, NULL, NULL, NULL},
		{"variables keep their values", test_variables_keep_their_values, NULL, NULL, NULL},
	};
	return cmocka_run_group_tests_name("trim", tests, NULL, NULL);
}
