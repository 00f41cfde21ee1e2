#include "assess_inputs.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

static void make_stream(uint8_t *out)
{
	uint8_t block[SHA256_DIGEST_LENGTH];

	for (uint64_t i = 0; i * sizeof(block) < ASSESS_SAMPLES; i++) {
		uint8_t counter[8];
		for (unsigned b = 0; b < 8; b++)
			counter[b] = (uint8_t)(i >> (56 - 8 * b));
		SHA256(counter, sizeof(counter), block);
		size_t left = ASSESS_SAMPLES - i * sizeof(block);
		memcpy(out + i * sizeof(block), block, left < sizeof(block) ? left : sizeof(block));
	}
}

static uint8_t bend(enum assess_input input, size_t i, uint8_t s, uint8_t before)
{
	switch (input) {
	case b_sha1:
		return s & 1;
	case c_sha4:
		return s & 15;
	case d_bias1:
		return s < 160;
	case e_markov1:
		return s < 179 ? before : !before;
	case f_ctr7:
		return i % 7 == 6 ? s : (uint8_t)i;
	case g_gap3:
		return s < 128 ? 200 : s < 208 ? 17 : 3;
	default:
		return s;
	}
}

void assess_make_input(enum assess_input input, uint8_t *samples)
{
	make_stream(samples);
	for (size_t i = 0; i < ASSESS_SAMPLES; i++)
		samples[i] = bend(input, i, samples[i], i > 0 ? samples[i - 1] : 0);
}

void assess_hex_of(const uint8_t *samples, char hex[65])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256(samples, ASSESS_SAMPLES, digest);
	for (unsigned i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
