/* text.h - a bounded text builder: pages, lines of the log, the manifest. Pure, no allocation.
 *
 * What does not fit is left out and `cut` is set; the buffer always ends with NUL. Strings of unknown origin (paths,
 * messages of the kernel) go through text_quoted or text_ascii, so that a page keeps its form whatever a path holds.
 */
#ifndef REFRESHER_BASE_TEXT_H
#define REFRESHER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *buf;
	size_t len, cap; /* len < cap; the rest is free */
	bool cut;
};

void text_init(struct text *t, char *buf, size_t cap); /* cap >= 1 */

/* Appends as printf(3) does, in the C locale. */
void text_fmt(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends strings as they are, each whole or not at all. A page is made of hundreds, and printf(3) takes several times
 * as long for each. */
#define text_put(t, ...) text_strings((t), (const char *const[]){__VA_ARGS__, NULL})
void text_strings(struct text *t, const char *const *strings); /* ends with NULL */

/* Appends a number as number_put writes it. v is finite. */
void text_f64(struct text *t, double v);

/* Appends a string in quotes, or what would stand between them: quote, backslash and line feed with a backslash, what
 * is no UTF-8 as U+FFFD. Another control character is \u00XX in a string of JSON (RFC 8259 section 7), and U+FFFD in a
 * label of Prometheus, which knows no such escape. It is cut between two characters, and has its closing quote then
 * too. */
enum text_form { TEXT_JSON, TEXT_LABEL };
void text_quoted(struct text *t, enum text_form form, const char *s);
void text_escaped(struct text *t, enum text_form form, const char *s);

/* Appends at most max characters for a text/plain line: what is not printable ASCII becomes '?'. */
void text_ascii(struct text *t, const char *s, size_t max);

/* A span of nanoseconds for people, cut and not rounded, so that it never reads as longer than it was: "0.25 s",
 * "9.5 s", "75 s", "12 min", "3.5 h". A negative one is "0 s". */
struct text_span {
	char text[24];
};
struct text_span text_span(int64_t ns);

#endif
