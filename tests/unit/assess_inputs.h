/* assess_inputs.h - seven inputs of which the results of NIST's public tool are known: SHA-256 of a counter, bent in
 * different ways. */
#ifndef TESTS_UNIT_ASSESS_INPUTS_H
#define TESTS_UNIT_ASSESS_INPUTS_H

#include <stddef.h>
#include <stdint.h>

enum { ASSESS_SAMPLES = 1000000 };
enum assess_input { a_sha8, b_sha1, c_sha4, d_bias1, e_markov1, f_ctr7, g_gap3 };

/* ASSESS_SAMPLES bytes. */
void assess_make_input(enum assess_input input, uint8_t *samples);

/* SHA-256 of ASSESS_SAMPLES bytes, in hexadecimal digits. */
void assess_hex_of(const uint8_t *samples, char hex[65]);

#endif
