#include "behave.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int errno_by_name(const char *name)
{
	static const struct {
		const char *name;
		int value;
	} all[] = {
		{"EIO", EIO},       {"EAGAIN", EAGAIN},         {"ENODEV", ENODEV},
		{"EINTR", EINTR},   {"ENOSPC", ENOSPC},         {"EDQUOT", EDQUOT},
		{"EROFS", EROFS},   {"EACCES", EACCES},         {"EPERM", EPERM},
		{"EBUSY", EBUSY},   {"ENOLCK", ENOLCK},         {"EINVAL", EINVAL},
		{"EFBIG", EFBIG},   {"ESTALE", ESTALE},         {"ENOENT", ENOENT},
		{"ENOSYS", ENOSYS}, {"EOPNOTSUPP", EOPNOTSUPP},
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].value;
	return 0;
}

void behave_init(struct behave *b, uint64_t seed)
{
	*b = (struct behave){.kind = BEHAVE_GOOD, .prng = seed, .seed = seed};
}

bool behave_set(struct behave *b, const char *words)
{
	static const struct {
		const char *word;
		enum behave_kind kind;
		bool amount, error;
	} all[] = {
		{"good", BEHAVE_GOOD, false, false},       {"short", BEHAVE_SHORT, false, false},
		{"errno", BEHAVE_ERRNO, false, true},      {"storm", BEHAVE_STORM, false, true},
		{"end", BEHAVE_END, false, false},         {"hang", BEHAVE_HANG, true, false},
		{"rate", BEHAVE_RATE, true, false},        {"zero", BEHAVE_ZERO, false, false},
		{"alternate", BEHAVE_ALTER, false, false}, {"block", BEHAVE_BLOCK, true, false},
		{"count", BEHAVE_COUNT, false, false},     {"shift", BEHAVE_SHIFT, false, false},
		{"alarm", BEHAVE_ALARM, true, false},      {"bias", BEHAVE_BIAS, true, false},
		{"stick", BEHAVE_STICK, true, false},      {"lean", BEHAVE_LEAN, true, false},
		{"replay", BEHAVE_REPLAY, false, false},
	};
	char word[16] = "", argument[16] = "";
	unsigned long long amount = 99;
	if (sscanf(words, "%15s %15s %llu", word, argument, &amount) < 1)
		return false;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (strcmp(all[i].word, word) != 0)
			continue;
		int error = all[i].error ? errno_by_name(argument) : 0;
		if (all[i].error && error == 0)
			return false;
		if (all[i].amount)
			amount = strtoull(argument, NULL, 10);
		if (b->kind == BEHAVE_REPLAY)
			b->prng = ~b->seed;
		b->kind = all[i].kind;
		b->error = error;
		b->amount = amount;
		b->at = 0;
		return true;
	}
	return false;
}

/* splitmix64: good enough for every test of this project, and the same on every machine. */
static uint64_t next_random(struct behave *b)
{
	uint64_t z = (b->prng += 0x9e3779b97f4a7c15U);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static uint8_t biased_byte(struct behave *b)
{
	unsigned byte = 0;
	for (int i = 0; i < 8; i++)
		byte = byte << 1 | (next_random(b) % 100 < b->amount);
	return (uint8_t)byte;
}

/* Up to 256 bytes of a block all differ: 167 is odd, so 256 steps of it give every byte once. Longer ones are random.
 */
static uint8_t block_byte(uint64_t at, uint64_t length)
{
	struct behave of_place = {.prng = at % (length ? length : 1)};

	return length <= 256 ? (uint8_t)(of_place.prng * 167 + 13) : (uint8_t)(next_random(&of_place) >> 56);
}

/* x^16 + x^14 + x^13 + x^11 + 1 */
static uint8_t shifted_byte(struct behave *b)
{
	uint32_t r = b->at == 0 ? 0xace1 : (uint32_t)b->shift;

	for (int i = 0; i < 8; i++)
		r = r >> 1 ^ (r & 1 ? 0xb400 : 0);
	b->shift = (uint16_t)r;
	return (uint8_t)r;
}

static uint8_t next_byte(struct behave *b)
{
	switch (b->kind) {
	case BEHAVE_ZERO:
		return 0;
	case BEHAVE_ALTER:
		return b->at % 2 ? 0xff : 0;
	case BEHAVE_BLOCK:
		return block_byte(b->at, b->amount);
	case BEHAVE_COUNT:
		return (uint8_t)b->at;
	case BEHAVE_SHIFT:
		return shifted_byte(b);
	case BEHAVE_ALARM:
		return b->amount > 9 && b->at % b->amount > b->amount - 9 ? b->last : (uint8_t)(next_random(b) >> 56);
	case BEHAVE_BIAS:
		return biased_byte(b);
	case BEHAVE_LEAN:
		return next_random(b) % 100 < b->amount ? 0 : (uint8_t)(next_random(b) >> 56);
	case BEHAVE_STICK:
		return b->at < b->amount ? (uint8_t)(next_random(b) >> 56) : b->last;
	default:
		return (uint8_t)(next_random(b) >> 56);
	}
}

static struct behave_act fill(struct behave *b, uint8_t *buf, size_t n, int64_t wait_ns)
{
	for (size_t i = 0; i < n; i++) {
		buf[i] = b->last = next_byte(b);
		b->at++;
	}
	return (struct behave_act){wait_ns, (ssize_t)n};
}

struct behave_act behave_next(struct behave *b, uint8_t *buf, size_t cap)
{
	switch (b->kind) {
	case BEHAVE_ERRNO:
		return (struct behave_act){0, -b->error};
	case BEHAVE_END:
		return (struct behave_act){0, 0};
	case BEHAVE_REPLAY:
		if (b->at > 0)
			return fill(b, buf, cap, 0);
		b->at = 1;
		b->prng = b->seed;
		return (struct behave_act){0, -ENODEV};
	case BEHAVE_STORM:
		return next_random(b) % 100 < b->amount ? (struct behave_act){0, -b->error} : fill(b, buf, cap, 0);
	case BEHAVE_SHORT: {
		size_t n = 1 + next_random(b) % 3;
		return fill(b, buf, n < cap ? n : cap, 0);
	}
	case BEHAVE_HANG:
		if (b->at >= b->amount)
			return (struct behave_act){-1, 0};
		return fill(b, buf, b->amount - b->at < cap ? (size_t)(b->amount - b->at) : cap, 0);
	case BEHAVE_RATE:
		return fill(b, buf, cap, (int64_t)(cap * 1000000000U / (b->amount ? b->amount : 1)));
	default:
		return fill(b, buf, cap, 0);
	}
}
