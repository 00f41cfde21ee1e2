#include "config/near.h"

#include <string.h>

enum { LEN_MAX = 64 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* One row of the matrix of the restricted Damerau-Levenshtein distance: a[i] against all of b. */
static void next_row(const char *a, size_t i, const char *b, const unsigned *before, const unsigned *last,
		     unsigned *row)
{
	row[0] = (unsigned)i + 1;
	for (size_t j = 0; b[j]; j++) {
		unsigned edit = least(last[j + 1], row[j]) + 1;
		row[j + 1] = least(edit, last[j] + (a[i] != b[j]));
		if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
			row[j + 1] = least(row[j + 1], before[j - 1] + 1);
	}
}

unsigned near_distance(const char *a, const char *b)
{
	unsigned rows[3][LEN_MAX + 1] = {{0}};
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len >= LEN_MAX || b_len >= LEN_MAX)
		return LEN_MAX;
	for (size_t j = 0; j <= b_len; j++)
		rows[2][j] = (unsigned)j;
	for (size_t i = 0; i < a_len; i++)
		next_row(a, i, b, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]);
	return rows[(a_len + 2) % 3][b_len];
}

struct near near_init(const char *wanted)
{
	unsigned third = least(LEN_MAX, (unsigned)strlen(wanted)) / 3;
	return (struct near){.wanted = wanted, .found = "", .distance = (third ? third : 1) + 1};
}

static const char *last_part(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot ? dot + 1 : name;
}

static void consider(struct near *n, const char *candidate, unsigned distance)
{
	if (distance < n->distance) {
		n->distance = distance;
		n->found = candidate;
	}
}

void near_offer(struct near *n, const char *candidate)
{
	const char *have = last_part(candidate), *want = last_part(n->wanted);
	consider(n, candidate, near_distance(n->wanted, candidate));
	if (have != candidate && near_distance(want, have) <= (unsigned)strlen(want) / 3)
		consider(n, candidate, near_distance(want, have) + 1);
}
