/* near.h - "did you mean": the candidate with the smallest edit distance to what the user wrote. Pure.
 *
 *   struct near n = near_init("timout");
 *   near_offer(&n, "timeout");      for each candidate
 *   n.found                         "timeout", or "" when nothing was near
 */
#ifndef REFRESHER_CONFIG_NEAR_H
#define REFRESHER_CONFIG_NEAR_H

struct near {
	const char *wanted; /* kept, not copied */
	const char *found;
	unsigned distance; /* of `found`; a candidate must be nearer to replace it */
};

/* A third of the letters may be wrong, and at least one. */
struct near near_init(const char *wanted);

/* Dotted names are compared whole and, for one more, by their last part: "count" finds "numbers.count". */
void near_offer(struct near *n, const char *candidate);

/* Insertions, deletions, replacements and swaps of neighbours that lead from a to b; capped at 64 for long texts. */
unsigned near_distance(const char *a, const char *b);

#endif
