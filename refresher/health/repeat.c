#include "health/repeat.h"

#include "base/wipe.h"

#include <assert.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

/* p = 2^EXPONENT - 1 is prime for 61; a test that goes through all points takes 5. A factor is kept shifted to the top
 * of its word, by SPARE bits. */
#ifndef EXPONENT
#define EXPONENT 61
#endif
enum { SPARE = 64 - EXPONENT };
#define P ((UINT64_C(1) << EXPONENT) - 1)

/* Congruent to a * b modulo p, and below 2p + 2^8, for an a of at most p + 7. As b comes shifted, the product's high
 * word is a * b / 2^EXPONENT, which is congruent to itself times 2^EXPONENT, and the low word holds the other bits. */
static uint64_t multiply(uint64_t a, uint64_t b_shifted)
{
	wide product = (wide)a * b_shifted;

	return (uint64_t)(product >> 64) + ((uint64_t)product >> SPARE);
}

/* Congruent to x, and at most p + 7: the bits beyond EXPONENT are added to the others. */
static uint64_t fold(uint64_t x)
{
	return (x & P) + (x >> EXPONENT);
}

/* 0 ... p-1, of at most 2p-1. */
static uint64_t least(uint64_t x)
{
	return x >= P ? x - P : x;
}

/* Eight bytes of the key are one point: one of 2^61 values, of which 0 and p are the same point. That is why two
 * different blocks agree at a point with up to k/2^61, not (k-1)/2^61. */
static uint64_t point_from(const uint8_t key[8])
{
	uint64_t x = 0;

	for (unsigned i = 0; i < 8; i++)
		x = x << 8 | key[i];
	return least(x & P);
}

void repeat_init(struct repeat *t, struct repeat_store *store, uint32_t k, const uint8_t key[REPEAT_KEY_BYTES])
{
	assert(k - 1 < REPEAT_LENGTH_MAX); /* 1 ... REPEAT_LENGTH_MAX */

	/* Nothing is stored, and what comes first is the start of an opening. */
	memset(store, 0, sizeof(*store));
	*t = (struct repeat){
		.store = store,
		.k = k,
		.starts = {.begin = 0, .size = REPEAT_STARTS},
		.latest = {.begin = REPEAT_STARTS, .size = REPEAT_LATEST},
		.starts_left = REPEAT_EACH_START,
	};

	/* Each step multiplies the fingerprint with the point, so a sample leaves it as sample * point^k. */
	for (unsigned i = 0; i < 2; i++) {
		uint64_t power = 1;

		t->point[i] = point_from(key + 8 * i) << SPARE;
		for (uint32_t n = 0; n < k; n++)
			power = least(fold(multiply(power, t->point[i])));
		t->leave[i] = (P - power) << SPARE;
	}
}

/* The fingerprint moves on by one sample, and the oldest of the k leaves it. Before the first k samples are complete
 * what leaves is a zero. Only one multiplication waits for the step before this one: the speed hangs on that. */
static void roll(struct repeat *t, uint8_t sample)
{
	const uint8_t leaving = t->last[t->oldest];

	t->last[t->oldest] = sample;
	t->oldest = t->oldest + 1 == t->k ? 0 : t->oldest + 1;
	t->run++;
	for (unsigned i = 0; i < 2; i++) {
		uint64_t change = multiply(leaving, t->leave[i]) + sample;
		t->now[i] = fold(multiply(t->now[i], t->point[i]) + change);
	}
}

static uint16_t *list_of(struct repeat_store *s, struct repeat_print print)
{
	return &s->first[print.at_point[0] % REPEAT_PRINTS];
}

static uint64_t *any_of(struct repeat_store *s, struct repeat_print print, uint64_t *bit)
{
	const uint64_t i = print.at_point[0] % (64 * (REPEAT_PRINTS / 4));

	*bit = UINT64_C(1) << i % 64;
	return &s->any[i / 64];
}

/* Nearly always the one bit says no: one look into 8 KiB, and no jump that the processor did not foresee. */
static bool is_stored(struct repeat_store *s, struct repeat_print print)
{
	uint64_t bit;

	if ((*any_of(s, print, &bit) & bit) == 0)
		return false;
	for (uint16_t i = *list_of(s, print); i != 0; i = s->next[i - 1]) {
		const uint64_t *other = s->prints[i - 1].at_point;
		if (other[0] == print.at_point[0] && other[1] == print.at_point[1])
			return true;
	}
	return false;
}

static void put_in(struct repeat_store *s, uint16_t index, struct repeat_print print)
{
	uint16_t *first = list_of(s, print);
	uint64_t bit, *any = any_of(s, print, &bit);

	s->prints[index] = print;
	s->next[index] = *first;
	*first = index + 1;
	*any |= bit;
}

static void take_out(struct repeat_store *s, uint16_t index)
{
	uint16_t *first = list_of(s, s->prints[index]), *link = first;
	uint64_t bit, *any = any_of(s, s->prints[index], &bit);

	/* The list goes on without it. */
	while (*link != index + 1)
		link = &s->next[*link - 1];
	*link = s->next[index];

	/* Its bit is cleared, unless another one has the same 16 bits; that one is in this list too. */
	*any &= ~bit;
	for (uint16_t i = *first; i != 0; i = s->next[i - 1]) {
		any = any_of(s, s->prints[i - 1], &bit);
		*any |= bit;
	}
}

/* In a full ring the oldest fingerprint gives way; behind the last place follows the first one again. */
static void store(struct repeat_store *s, struct repeat_ring *ring, struct repeat_print print)
{
	const uint16_t index = ring->begin + ring->at;

	if (ring->full)
		take_out(s, index);
	put_in(s, index, print);
	ring->at++;
	if (ring->at == ring->size) {
		ring->at = 0;
		ring->full = true;
	}
}

bool repeat_feed(struct repeat *t, uint8_t sample)
{
	/* Until k samples have come there is no block to compare. */
	roll(t, sample);
	if (t->run < t->k)
		return false;

	/* The fingerprint is found by its least form. The comparison comes first, or a block that is stored now would
	 * be found again at once. */
	const struct repeat_print print = {{least(t->now[0]), least(t->now[1])}};
	bool found = is_stored(t->store, print);

	/* Each 32nd fingerprint is stored: the first ones behind an opening among the starts, where they stay longer.
	 */
	if (t->run % REPEAT_STRIDE == 0) {
		store(t->store, t->starts_left > 0 ? &t->starts : &t->latest, print);
		t->starts_left -= t->starts_left > 0;
	}
	return found;
}

void repeat_forget_run(struct repeat *t)
{
	wipe(t->last, sizeof(t->last));
	wipe(t->now, sizeof(t->now));
	t->run = 0;
	t->oldest = 0;
}

void repeat_opened(struct repeat *t)
{
	repeat_forget_run(t);
	t->starts_left = REPEAT_EACH_START;
}
