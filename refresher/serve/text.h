/* text.h - a bounded text builder: the one way in which serve/ writes. Pure, no allocation, no locale.
 *
 * What does not fit is left out and `cut` is set; the buffer always ends with NUL. Strings of unknown origin (paths,
 * messages of the kernel) go through text_json or text_label: those replace bytes that are not UTF-8 by
 * U+FFFD and control characters as their form requires, so that the page stays well-formed whatever a path holds. */
#ifndef REFRESHER_SERVE_TEXT_H
#define REFRESHER_SERVE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TEXT_PAGE_MAX = 32768 }; /* enough for each page that serve/ renders; the renderers assert it */

struct text {
	char *buf;
	size_t len, cap; /* len < cap; the rest is free */
	bool cut;
};

void text_init(struct text *t, char *buf, size_t cap); /* cap >= 1 */

/* Inline: a page of metrics is a thousand of these, and the calls were half of its cost. */
static inline void text_add(struct text *t, const char *s, size_t n)
{
	size_t room = t->cap - 1 - t->len;
	if (n > room) {
		n = room;
		t->cut = true;
	}
	memcpy(t->buf + t->len, s, n);
	t->len += n;
	t->buf[t->len] = '\0';
}

static inline void text_str(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

static inline void text_char(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_u64(struct text *t, uint64_t v);

/* Shortest form for what is a multiple of 10^-6, 17 digits else: both read back as the same double. Infinities and NaN
 * as Prometheus writes them: +Inf, -Inf, NaN. */
void text_f64(struct text *t, double v);

/* Nanoseconds as seconds, exactly: 1500000000 -> 1.5. */
void text_ns(struct text *t, int64_t ns);

/* Nanoseconds for people: "0.25 s", "9.5 s", "75 s", "12 min", "3.5 h". */
void text_ago(struct text *t, int64_t ns);

void text_json(struct text *t, const char *s);  /* a JSON string with its quotes */
void text_label(struct text *t, const char *s); /* a Prometheus label value, without quotes */

/* For a text/plain line: control characters and bytes beyond ASCII become '?', at most max characters. */
void text_plain(struct text *t, const char *s, size_t max);

#define text_lit(t, s) text_add((t), "" s, sizeof(s) - 1)

#endif
