#include "assess/rotations.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 256, WORDS_MAX = NUMBERS + 1, LETTERS_MAX = 7, ENDINGS_MAX = WORDS_MAX * LETTERS_MAX };
/* An item is a place of the text with what it is sorted by in the upper bits, the number of the place below them, and
 * in the lowest ones the word before it. */
enum { WORD_BITS = 9, PLACE_BITS = 18, LOW_BITS = WORD_BITS + PLACE_BITS };
enum { DIGIT_BITS = 11, PASSES = 3, BUCKETS = 1 << DIGIT_BITS, FEW = 24 };
#define LOW(item)         ((uint32_t)((item) & ((1U << LOW_BITS) - 1)))
#define PLACE(item)       (LOW(item) >> WORD_BITS)
#define WORD_BEFORE(item) ((uint32_t)((item) & ((1U << WORD_BITS) - 1)))

/* A word is a number and the space behind it; its letters are a number that compares like them, with the first letter
 * as the highest byte. The space makes that no word is the beginning of another. */
struct word {
	uint64_t letters;
	unsigned length;
	uint32_t count;
	uint16_t ending[LETTERS_MAX]; /* what is left of it from each of its letters on: the number of that ending */
	char before[LETTERS_MAX];     /* the letter before each of them; before the first there is a space */
};

struct rotations {
	uint16_t *word_at; /* words in the order of the text, in a circle; the first ones stand behind the last once
			      more */
	uint64_t *item, *spare;
	uint32_t *rank; /* by place: how many words are less, as far as is known */
	struct word words[WORDS_MAX];
	uint32_t words_used, longest; /* longest: letters of a word */
	/* By ending: where the letters before its rotations stand in the output. The last one is none. */
	uint32_t start[ENDINGS_MAX + 1];
	char *next[ENDINGS_MAX + 1];
	unsigned no_ending;
};

void rotations_free(struct rotations *r)
{
	if (!r)
		return;
	free(r->word_at);
	free(r->item);
	free(r->spare);
	free(r->rank);
	free(r);
}

struct rotations *rotations_new(size_t n)
{
	struct rotations *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;

	/* Every second letter at most is a space. */
	const size_t most = n / 2 + 2;
	r->word_at = malloc((most + 64) * sizeof *r->word_at);
	r->item = malloc(most * sizeof *r->item);
	r->spare = malloc(most * sizeof *r->spare);
	r->rank = malloc(most * sizeof *r->rank);
	if (r->word_at && r->item && r->spare && r->rank)
		return r;
	rotations_free(r);
	return NULL;
}

static int by_size(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* ---- words ---- */

static uint64_t letters_of(const char *s, size_t length)
{
	uint64_t letters = 0;

	for (size_t i = 0; i < length; i++)
		letters |= (uint64_t)(unsigned char)s[i] << (56 - 8 * i);
	return letters;
}

/* The word that the end of the text makes with its beginning, up to the first space: the number that it is, or NUMBERS
 * where it is none that could stand within the text; then its letters are kept. */
static uint16_t join_ends(const char *text, size_t n, size_t first_space, size_t tail, uint64_t letters[WORDS_MAX])
{
	char joined[2 * LETTERS_MAX] = "", plain[2 * LETTERS_MAX] = "";
	const size_t end = n - tail;

	/* Three digits at most on either side, and the space. */
	memcpy(joined, text + tail, end);
	memcpy(joined + end, text, first_space + 1);
	joined[end + first_space + 1] = '\0';
	const unsigned long number = strtoul(joined, NULL, 10);
	snprintf(plain, sizeof plain, "%lu ", number);
	if (number < NUMBERS && strcmp(plain, joined) == 0)
		return (uint16_t)number;
	letters[NUMBERS] = letters_of(joined, end + first_space + 1);
	return NUMBERS;
}

/* How often each whole word of the text comes, from the one at letter `at` on; numbers: what they are. How many there
 * are; the word behind them is cut by the end of the text, and begins where *tail says. */
static uint32_t count_words(const uint8_t *numbers, size_t at, size_t n, uint32_t count[WORDS_MAX], size_t *tail)
{
	uint8_t length[NUMBERS];
	uint32_t m = 0;
	for (unsigned i = 0; i < NUMBERS; i++)
		length[i] = i < 10 ? 2 : i < 100 ? 3 : 4;

	/* The last number of all has no space behind it, and so is never a whole word. */
	for (; n - at >= 4 || (n > at && length[numbers[m]] <= n - at); m++) {
		at += length[numbers[m]];
		count[numbers[m]]++;
	}
	*tail = at;
	return m;
}

/* Fills words with those that occur, in the order of their letters; index: where each number went. */
static void sort_numbers(struct rotations *r, uint64_t letters[WORDS_MAX], const uint32_t count[WORDS_MAX],
			 uint16_t index[WORDS_MAX])
{
	uint64_t sorted[WORDS_MAX] = {0};
	r->words_used = 0;
	for (unsigned i = 0; i < WORDS_MAX; i++) {
		char plain[8] = "";
		if (i < NUMBERS)
			letters[i] = letters_of(plain, (size_t)snprintf(plain, sizeof plain, "%u ", i));
		if (count[i] > 0)
			sorted[r->words_used++] = letters[i];
	}
	qsort(sorted, r->words_used, sizeof *sorted, by_size);
	for (unsigned i = 0; i < WORDS_MAX; i++) {
		if (count[i] == 0)
			continue;
		const uint64_t *found = bsearch(&letters[i], sorted, r->words_used, sizeof *sorted, by_size);
		index[i] = (uint16_t)(found - sorted);
		r->words[index[i]] = (struct word){.letters = letters[i], .count = count[i]};
	}
}

/* Fills word_at with numbers of words in the order of their letters, and words with those that occur. *numbers moves to
 * the number behind the one at the end of the text. How many words there are in the text. */
static uint32_t split(struct rotations *r, const char *text, size_t n, size_t first_space, const uint8_t **numbers)
{
	uint64_t letters[WORDS_MAX];
	uint32_t count[WORDS_MAX] = {0};
	uint16_t index[WORDS_MAX];
	size_t tail;

	/* The word at the end goes on at the beginning. */
	const uint32_t whole = count_words(*numbers, first_space + 1, n, count, &tail);
	const uint16_t joined = join_ends(text, n, first_space, tail, letters);
	count[joined]++;
	sort_numbers(r, letters, count, index);

	for (uint32_t i = 0; i < whole; i++)
		r->word_at[i] = index[(*numbers)[i]];
	r->word_at[whole] = index[joined];
	*numbers += whole + 1;
	return whole + 1;
}

/* Which endings there are, and where the rotations that begin with each of them stand. */
static void sort_endings(struct rotations *r)
{
	uint64_t all[ENDINGS_MAX] = {0};
	size_t count = 0, different = 0;
	r->longest = 0;
	for (unsigned w = 0; w < r->words_used; w++) {
		struct word *word = &r->words[w];
		for (uint64_t left = word->letters; left != 0; left <<= 8) {
			word->before[word->length] = ' ';
			if (word->length > 0)
				word->before[word->length] = (char)(word->letters >> (64 - 8 * word->length));
			word->length++;
			all[count++] = left;
		}
	}

	/* Several words have an ending in common. */
	qsort(all, count, sizeof *all, by_size);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || all[i] != all[i - 1])
			all[different++] = all[i];
	memset(r->start, 0, (different + 1) * sizeof *r->start);
	for (unsigned w = 0; w < r->words_used; w++) {
		struct word *word = &r->words[w];
		for (unsigned i = 0; i < word->length; i++) {
			const uint64_t left = word->letters << 8 * i;
			const uint64_t *found = bsearch(&left, all, different, sizeof *all, by_size);
			word->ending[i] = (uint16_t)(found - all);
			r->start[word->ending[i] + 1] += word->count;
		}
		for (unsigned i = word->length; i < LETTERS_MAX; i++)
			word->ending[i] = (uint16_t)different;
		r->longest = word->length > r->longest ? word->length : r->longest;
	}
	for (size_t i = 0; i < different; i++)
		r->start[i + 1] += r->start[i];
	r->no_ending = (unsigned)different;
}

/* ---- the order of the words ---- */

/* Gives each place its first words as a number of 33 bits; how many words. */
static uint32_t make_keys(struct rotations *r, uint32_t m)
{
	uint64_t highest = 1, key = 0;
	uint32_t taken = 1;
	while (highest * r->words_used * r->words_used <= UINT64_C(1) << DIGIT_BITS * PASSES && taken < 33) {
		highest *= r->words_used;
		taken++;
	}

	/* The number of each place follows from the one before: a word leaves, and one comes. */
	for (uint32_t i = 0; i < taken; i++)
		r->word_at[m + i] = r->word_at[i];
	for (uint32_t i = 0; i < taken; i++)
		key = key * r->words_used + r->word_at[i];
	uint32_t before = r->word_at[m - 1];
	for (uint32_t i = 0; i < m; i++) {
		r->item[i] = key << LOW_BITS | i << WORD_BITS | before;
		before = r->word_at[i];
		key = (key - r->word_at[i] * highest) * r->words_used + r->word_at[i + taken];
	}
	return taken;
}

/* By the 33 bits, eleven at a time, the lowest first. */
static void sort_by_keys(struct rotations *r, uint32_t m)
{
	for (unsigned pass = 0; pass < PASSES; pass++) {
		uint32_t at[BUCKETS + 1] = {0};
		const unsigned shift = LOW_BITS + pass * DIGIT_BITS;
		for (uint32_t i = 0; i < m; i++)
			at[(r->item[i] >> shift) % BUCKETS + 1]++;
		for (unsigned b = 0; b < BUCKETS; b++)
			at[b + 1] += at[b];
		for (uint32_t i = 0; i < m; i++)
			r->spare[at[(r->item[i] >> shift) % BUCKETS]++] = r->item[i];

		uint64_t *kept = r->item;
		r->item = r->spare;
		r->spare = kept;
	}
}

static void sort_items(uint64_t *item, uint32_t n)
{
	if (n > FEW) {
		qsort(item, n, sizeof *item, by_size);
		return;
	}
	for (uint32_t i = 1; i < n; i++) {
		const uint64_t now = item[i];
		uint32_t j = i;
		for (; j > 0 && item[j - 1] > now; j--)
			item[j] = item[j - 1];
		item[j] = now;
	}
}

/* Equal items get the number of the first of them as their rank; `first` stands before the items. True: some differ. */
static bool rank_items(struct rotations *r, uint32_t first, uint32_t n)
{
	const uint64_t *item = r->item + first;
	uint32_t rank = first;

	for (uint32_t i = 0; i < n; i++) {
		if (i > 0 && item[i] >> LOW_BITS != item[i - 1] >> LOW_BITS)
			rank = first + i;
		r->rank[PLACE(item[i])] = rank;
	}
	return rank > first;
}

/* Places whose first `known` words are equal are sorted by the ranks of the places so many words later, which doubles
 * what is known. False: that told nothing new, so that what is equal now is equal for ever. */
static bool refine(struct rotations *r, uint32_t m, uint32_t known)
{
	bool any = false;

	for (uint32_t first = 0, n; first < m; first += n) {
		n = 1;
		while (first + n < m && r->rank[PLACE(r->item[first + n])] == first)
			n++;
		if (n == 1)
			continue;
		for (uint32_t i = first; i < first + n; i++) {
			const uint32_t low = LOW(r->item[i]), later = PLACE(low) + known;
			r->item[i] = (uint64_t)r->rank[later < m ? later : later - m] << LOW_BITS | low;
		}
		sort_items(r->item + first, n);
		any |= rank_items(r, first, n);
	}
	return any;
}

static void sort_words(struct rotations *r, uint32_t m)
{
	uint32_t known = make_keys(r, m);

	/* Few are equal in their first words, unless the text repeats. */
	sort_by_keys(r, m);
	rank_items(r, 0, m);
	while (known < m && refine(r, m, known))
		known *= 2;
}

/* ---- the result ---- */

/* A text without a space has three digits at most. */
static void sort_plainly(const char *text, size_t n, char *out)
{
	uint64_t rotation[LETTERS_MAX] = {0};

	/* The last letter stands behind the rotation that it ends. */
	for (size_t i = 0; i < n; i++) {
		char turned[LETTERS_MAX] = "";
		for (size_t j = 0; j < n; j++)
			turned[j] = text[(i + j) % n];
		rotation[i] = letters_of(turned, n);
	}
	qsort(rotation, n, sizeof *rotation, by_size);
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(rotation[i] >> (64 - 8 * n));
}

/* Writes the first so many letters of each word. What a word does not have goes where nobody looks, so that all words
 * take the same steps; a number of letters that the compiler knows makes them few. */
static inline void put_letters(struct rotations *r, uint32_t m, unsigned letters)
{
	for (uint32_t i = 0; i < m; i++) {
		const struct word *word = &r->words[WORD_BEFORE(r->item[i])];
		for (unsigned j = 0; j < letters; j++)
			*r->next[word->ending[j]]++ = word->before[j];
		r->next[r->no_ending] = (char *)r->spare;
	}
}

void rotations_last(struct rotations *r, const char *text, size_t n, const uint8_t **numbers, char *out)
{
	const char *space = memchr(text, ' ', n);
	if (!space) {
		sort_plainly(text, n, out);
		return;
	}
	const uint32_t m = split(r, text, n, (size_t)(space - text), numbers);
	sort_endings(r);
	sort_words(r, m);

	for (unsigned ending = 0; ending < r->no_ending; ending++)
		r->next[ending] = out + r->start[ending];

	r->next[r->no_ending] = (char *)r->spare;

	/* The rotations that begin within a word are in the order of their endings, and those of one ending in the
	 * order of the words behind it. So each word, in their order, adds the letters of the word before it. */
	switch (r->longest) {
	case 2:
		put_letters(r, m, 2);
		break;
	case 3:
		put_letters(r, m, 3);
		break;
	case 4:
		put_letters(r, m, 4);
		break;
	default:
		put_letters(r, m, r->longest);
	}
}
