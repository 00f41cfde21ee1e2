/* trim: resident memory falls, and nothing that was readable changes. */
#include "rows.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sanitized.h"
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

/* ---- objects that the loader did not load: pages of ours, which are zeros when they were given back -----------------
 */

static struct dl_phdr_info made[2];
static int made_count; /* 0: the real ones */

int __real_dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *self);
int __wrap_dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *self);
int __wrap_dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *self)
{
	int rc = 0;
	if (made_count == 0)
		return __real_dl_iterate_phdr(visit, self);
	for (int i = 0; i < made_count && rc == 0; i++)
		rc = visit(&made[i], sizeof made[i], self);
	return rc;
}

struct object_row {
	const char *name;
	ElfW(Word) flags;     /* of both its segments */
	ElfW(Dyn) dynamic[4]; /* up to DT_NULL */
	size_t from;          /* where the first segment begins in its page */
	bool kept;
};

static const struct object_row object_rows[] = {
	{"code is given back", PF_R | PF_X, {{DT_NEEDED, {1}}, {DT_FLAGS, {DF_BIND_NOW}}}, 0, false},
	{"constants are given back", PF_R, {{0}}, 0, false},
	{"a segment that begins within a page is given back from that page on", PF_R, {{0}}, 4000, false},
	{"variables stay", PF_R | PF_W, {{0}}, 0, true},
	{"relocated code stays", PF_R | PF_X, {{DT_NEEDED, {1}}, {DT_TEXTREL, {0}}}, 0, true},
	{"code that a flag calls relocated stays", PF_R, {{DT_NEEDED, {1}}, {DT_FLAGS, {DF_TEXTREL}}}, 0, true},
	{"behind the end of the dynamic section nothing counts", PF_R, {{DT_NULL, {0}}, {DT_TEXTREL, {0}}}, 0, false},
	{"another tag's value is no flag", PF_R, {{DT_NEEDED, {DF_TEXTREL}}}, 0, false},
};

/* The first object is that of the row; the second is code that is given back, whatever became of the first. Each has
 * two segments and a dynamic section, at different places, and behind the last segment one that does not count. */
static void check_object(void **state)
{
	const struct object_row *row = *state;
	static const ElfW(Dyn) nothing[] = {{DT_NULL, {0}}};
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	ElfW(Phdr) segments[2][4];
	uint8_t *pages[2];
	for (int i = 0; i < 2; i++) {
		pages[i] = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(pages[i] != MAP_FAILED);
		memset(pages[i], 0x55, 3 * page);
		uintptr_t dynamic = (uintptr_t)(i == 0 ? row->dynamic : nothing);
		size_t from = i == 0 ? row->from : 0;
		ElfW(Word) flags = i == 0 ? row->flags : PF_R | PF_X;
		segments[i][i] = (ElfW(Phdr)){.p_type = PT_DYNAMIC, .p_vaddr = dynamic - (uintptr_t)pages[i]};
		segments[i][1 - i] =
			(ElfW(Phdr)){.p_type = PT_LOAD, .p_flags = flags, .p_vaddr = from, .p_memsz = page - from};
		for (int n = 2; n < 4; n++)
			segments[i][n] = (ElfW(Phdr)){.p_type = PT_LOAD,
						      .p_flags = flags,
						      .p_vaddr = (size_t)(n - 1) * page,
						      .p_memsz = page};
		made[i] = (struct dl_phdr_info){
			.dlpi_addr = (uintptr_t)pages[i], .dlpi_phdr = segments[i], .dlpi_phnum = 3};
	}
	made_count = 2;
	trim_memory();
	made_count = 0;
	for (int i = 0; i < 2; i++) {
		for (size_t at = 0; at < 2 * page; at += page / 2)
			assert_int_equal(pages[i][at], i == 0 && row->kept ? 0x55 : 0);
		assert_int_equal(pages[i][2 * page], 0x55);
		munmap(pages[i], 3 * page);
	}
}

/* Pages in the midst of the heap that nothing uses go back to the kernel; malloc(3) alone gives back the end of it. */
static void test_free_pages_of_the_heap_go(void **state)
{
	enum { HEAP_BLOCKS = 200, HEAP_BLOCK = 8192 };
	uint8_t *blocks[HEAP_BLOCKS];
	unsigned char resident = 1;
	(void)state;
	for (int i = 0; i < HEAP_BLOCKS; i++) {
		blocks[i] = malloc(HEAP_BLOCK);
		assert_non_null(blocks[i]);
		memset(blocks[i], 1, HEAP_BLOCK);
	}
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *within = (void *)(((uintptr_t)blocks[HEAP_BLOCKS / 2] + page - 1) & ~(page - 1));
	for (int i = 0; i < HEAP_BLOCKS - 1; i++)
		free(blocks[i]);
	trim_memory();
	assert_int_equal(mincore(within, page, &resident), 0);
	free(blocks[HEAP_BLOCKS - 1]);
	if (SANITIZED /* its allocator trims nothing */)
		skip_since("not under a sanitizer");
	assert_int_equal(resident & 1, 0);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		{"resident memory falls", test_resident_memory_falls, NULL, NULL, NULL},
		{"code and constants stay what they are", test_code_and_constants_stay, NULL, NULL, NULL},
		{"the heap keeps what is in use", test_the_heap_keeps_what_is_in_use, NULL, NULL, NULL},
		{"free pages of the heap go", test_free_pages_of_the_heap_go, NULL, NULL, NULL},
		{"variables keep their values", test_variables_keep_their_values, NULL, NULL, NULL},
	};
	int failed = ROWS_RUN("object rows", check_object, object_rows);
	return failed + cmocka_run_group_tests_name("trim", others, NULL, NULL);
}
