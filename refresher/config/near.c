#include "config/near.h"

#include <string.h>

enum { LEN_MAX = 64 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned near_distance(const char *a, const char *b)
{
	/* The restricted Damerau-Levenshtein distance: d[i][j] leads from the first i letters of a to the first j of b.
	 */
	unsigned d[LEN_MAX][LEN_MAX];
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len >= LEN_MAX || b_len >= LEN_MAX)
		return LEN_MAX;
	for (size_t i = 0; i <= a_len; i++) {
		for (size_t j = 0; j <= b_len; j++) {
			/* From or to nothing every letter is put in or taken out. */
			d[i][j] = (unsigned)(i + j);
			if (i == 0 || j == 0)
				continue;

			/* Otherwise the last letter is put in, taken out, replaced where it differs, or swapped. */
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a_len][b_len];
}

struct near near_init(const char *wanted)
{
	/* The first candidate must be nearer than this: a third of the letters may be wrong, one in a short word. */
	unsigned third = least(LEN_MAX, (unsigned)strlen(wanted)) / 3;
	return (struct near){.wanted = wanted, .found = "", .distance = (third ? third : 1) + 1};
}

static const char *last_part(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot ? dot + 1 : name;
}

void near_offer(struct near *n, const char *candidate)
{
	/* The last part alone counts only where a third of its own letters is wrong at most. */
	const char *have = last_part(candidate), *want = last_part(n->wanted);
	unsigned whole = near_distance(n->wanted, candidate), part = near_distance(want, have);
	if (have != candidate && part <= (unsigned)strlen(want) / 3)
		whole = least(whole, part + 1);
	if (whole < n->distance)
		*n = (struct near){n->wanted, candidate, whole};
}
