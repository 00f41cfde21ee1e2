#include "assess/shuffle.h"

static uint64_t rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

/* SplitMix64: any two inputs give outputs that look unrelated. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

void numbers_begin(struct stream_of_numbers *r, uint64_t seed, uint64_t index)
{
	const uint64_t golden = UINT64_C(0x9E3779B97F4A7C15);
	uint64_t x = mix(seed + golden) ^ mix(index * 2 + 1);

	/* Four steps of it are never all 0, the one state that would stay as it is. */
	for (unsigned i = 0; i < 4; i++)
		r->state[i] = mix(x += golden);
}

uint64_t numbers_next(struct stream_of_numbers *r)
{
	uint64_t *s = r->state;
	const uint64_t result = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

/* A number below a and one below b from one of 64 bits, each pair as likely as any other; a * b is below 2^62. The
 * upper half of a product is the number, and its lower half serves the next one; what is over in the end, 2^64 modulo
 * a * b cases, is drawn again. */
static inline void draw_two(struct stream_of_numbers *r, uint64_t a, uint64_t b, size_t *below_a, size_t *below_b)
{
	const uint64_t cases = a * b;
	unsigned __int128 first, second;

	/* The division is needed where the remainder is small, which it hardly ever is. */
	do {
		first = (unsigned __int128)numbers_next(r) * a;
		second = (unsigned __int128)(uint64_t)first * b;
	} while ((uint64_t)second < cases && (uint64_t)second < -cases % cases);
	*below_a = (size_t)(first >> 64);
	*below_b = (size_t)(second >> 64);
}

static inline void swap(uint8_t *bytes, size_t i, size_t j)
{
	const uint8_t kept = bytes[i];

	bytes[i] = bytes[j];
	bytes[j] = kept;
}

void shuffle_bytes(struct stream_of_numbers *r, uint8_t *bytes, size_t n)
{
	struct stream_of_numbers own = *r; /* in registers */
	size_t i, j;

	/* From the end, each place gets one of the bytes that are not placed yet: two places a number. */
	for (; n > 2; n -= 2) {
		draw_two(&own, n, n - 1, &i, &j);
		swap(bytes, n - 1, i);
		swap(bytes, n - 2, j);
	}
	if (n == 2 && numbers_next(&own) >> 63)
		swap(bytes, 0, 1);
	*r = own;
}
