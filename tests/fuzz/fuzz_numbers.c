/* Any random bytes in any format: exactly the lines that a plain formatter gives, none beyond the room, no random byte
 * used twice or skipped; numbers of a range lie in it. An input is 40 bytes of parameters, then the random bytes. */
#include "fuzz.h"

#include "numbers/numbers.h"
#include "numbers_plain.h"

enum { CAP_MAX = 65536 };

struct job {
	struct numbers_config c;
	struct numbers_stamp stamp;
	uint64_t want;
	size_t cap, rnd_len;
	uint8_t *rnd;
};

static void read_job(struct fuzz_input *in, struct job *j)
{
	j->c.format = fuzz_u8(in) % NUMBERS_FORMATS;
	j->c.count = 1;
	j->c.bytes = 1 + (uint32_t)fuzz_uint(in, 2) % NUMBERS_BYTES_MAX;
	j->c.min = (int64_t)fuzz_uint(in, 8);
	j->c.max = (int64_t)fuzz_uint(in, 8);
	if (j->c.min > j->c.max)
		j->c.max = j->c.min < INT64_MAX - 255 ? j->c.min + (j->c.max & 255) : INT64_MAX;
	j->stamp.real_ns = (int64_t)fuzz_uint(in, 8);
	j->stamp.nanos = (int64_t)fuzz_uint(in, 8);
	snprintf(j->stamp.uuid, sizeof j->stamp.uuid, "01234567-89ab-4def-8123-456789abcdef");
	j->want = fuzz_uint(in, 2);
	j->cap = fuzz_uint(in, 3) % CAP_MAX;
	j->rnd_len = in->left;
	j->rnd = fuzz_copy(in->p, in->left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	struct job j;

	read_job(&in, &j);
	char *out = malloc(j.cap ? j.cap : 1), *plain = malloc(j.cap ? j.cap : 1); /* of exactly their size */
	if (!out || !plain)
		abort();
	struct numbers_step s = numbers_fill(&j.c, &j.stamp, j.rnd, j.rnd_len, j.want, out, j.cap);
	FUZZ_CHECK(s.used <= j.rnd_len && s.written <= j.cap && s.made <= j.want, "%zu %zu", s.used, s.written);
	if (j.rnd_len >= numbers_draw_bytes(&j.c) && j.cap >= NUMBERS_TEXT_MAX && j.want > 0)
		FUZZ_CHECK(s.used > 0, "no progress");
	struct numbers_step expected = plain_fill(&j.c, &j.stamp, j.rnd, j.rnd_len, j.want, plain, j.cap);
	FUZZ_CHECK(s.used == expected.used && s.written == expected.written && s.made == expected.made,
		   "%zu %zu, not %zu %zu", s.used, s.written, expected.used, expected.written);
	FUZZ_CHECK(memcmp(s.text, plain, s.written) == 0, "%.*s, not %.*s", (int)s.written, s.text, (int)s.written,
		   plain);
	free(out);
	free(plain);
	free(j.rnd);
	return 0;
}
