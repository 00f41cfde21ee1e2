#include "assess/multi_mmc.h"

int multi_mmc_score(struct symbols t, unsigned entries_max, struct score *out)
{
	return t.k == 2 ? multi_mmc_bits(t, entries_max, out) : multi_mmc_trie(t, entries_max, out);
}
