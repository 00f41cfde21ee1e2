/* multi_mmc.h - the two ways in which multi_mmc_score counts what followed a context: bits have a place for each
 * context, other symbols a trie of those that came. Both give the same score. */
#ifndef REFRESHER_ASSESS_MULTI_MMC_H
#define REFRESHER_ASSESS_MULTI_MMC_H

#include "assess/estimators.h"

enum { MULTI_MMC_DEPTHS = 16 };

/* As multi_mmc_score; the first one of bits alone. */
int multi_mmc_bits(struct symbols t, unsigned entries_max, struct score *out);
int multi_mmc_trie(struct symbols t, unsigned entries_max, struct score *out);

#endif
