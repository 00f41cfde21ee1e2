/* assess_plain.h - the estimators of SP 800-90B, 6.3.5 to 6.3.10, read plainly: step by step, with every table as the
 * text has it. They specify the fast ones; none is shipped. Slow: of spans of some thousand symbols. */
#ifndef TESTS_UNIT_ASSESS_PLAIN_H
#define TESTS_UNIT_ASSESS_PLAIN_H

#include "assess/estimators.h"

struct score multi_mcw_plain(struct symbols t);
struct score lag_plain(struct symbols t);
struct score multi_mmc_plain(struct symbols t, unsigned entries_max);
struct score lz78y_plain(struct symbols t, unsigned contexts_max);

/* By comparing every suffix with every other one. pairs and most: arrays of t.n + 1, by the length of the tuple.
 * Returns v. */
size_t tuples_plain(struct symbols t, uint64_t *pairs, uint32_t *most);

#endif
