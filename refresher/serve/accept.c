#include "serve/accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* A piece of the header; not ended by NUL. */
struct piece {
	const char *s;
	size_t n;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct piece trim(struct piece p)
{
	while (p.n > 0 && is_blank(p.s[0])) {
		p.s++;
		p.n--;
	}
	while (p.n > 0 && is_blank(p.s[p.n - 1]))
		p.n--;
	return p;
}

/* Cuts the text before the next separator off *rest. Separators inside quoted strings split too: no value of ours is
 * quoted, and a wrong split only makes a range unknown. */
static bool next_piece(struct piece *rest, char separator, struct piece *out)
{
	if (!rest->s)
		return false;
	const char *end = memchr(rest->s, separator, rest->n);
	size_t n = end ? (size_t)(end - rest->s) : rest->n;
	*out = trim((struct piece){rest->s, n});
	if (end)
		*rest = (struct piece){end + 1, rest->n - n - 1};
	else
		*rest = (struct piece){NULL, 0};
	return true;
}

static bool piece_is(struct piece p, const char *s)
{
	return p.n == strlen(s) && strncasecmp(p.s, s, p.n) == 0;
}

/* Thousandths: 0 ... 1000. A malformed weight counts as 0. */
static unsigned weight(struct piece p)
{
	unsigned value = 0, unit = 1000;
	if (p.n < 1 || p.n > 5 || (p.s[0] != '0' && p.s[0] != '1') || (p.n > 1 && p.s[1] != '.'))
		return 0;
	for (size_t i = 0; i < p.n; i++) {
		if (i == 1)
			continue;
		if (p.s[i] < '0' || p.s[i] > '9')
			return 0;
		value += (unsigned)(p.s[i] - '0') * unit;
		unit /= 10;
	}
	return value > 1000 ? 0 : value;
}

struct range {
	struct piece type, version, escaping;
	unsigned q;
};

static struct range range_parse(struct piece text)
{
	struct range r = {.q = 1000};
	struct piece part;
	next_piece(&text, ';', &r.type);
	while (next_piece(&text, ';', &part)) {
		struct piece key = {NULL, 0}, value = part;
		next_piece(&value, '=', &key);
		value = trim(value);
		if (piece_is(key, "q"))
			r.q = weight(value);
		if (piece_is(key, "version"))
			r.version = value;
		if (piece_is(key, "escaping"))
			r.escaping = value;
	}
	return r;
}

static bool version_is(const struct range *r, const char *version)
{
	return r->version.n == 0 || piece_is(r->version, version);
}

static bool is_openmetrics(const struct range *r)
{
	return piece_is(r->type, "application/openmetrics-text") && version_is(r, "1.0.0");
}

static bool is_text(const struct range *r)
{
	return (piece_is(r->type, "text/plain") && version_is(r, "0.0.4")) || piece_is(r->type, "text/*") ||
	       piece_is(r->type, "*/*");
}

struct accept_choice accept_parse(const char *accept)
{
	struct piece rest = {accept, accept ? strlen(accept) : 0}, text;
	struct {
		unsigned q;
		bool underscores;
	} open = {0}, plain = {0};
	while (next_piece(&rest, ',', &text)) {
		struct range r = range_parse(text);
		bool underscores = piece_is(r.escaping, "underscores");
		if (is_openmetrics(&r) && r.q > open.q) {
			open.q = r.q;
			open.underscores = underscores;
		}
		if (is_text(&r) && r.q > plain.q) {
			plain.q = r.q;
			plain.underscores = underscores;
		}
	}
	if (open.q > 0 && open.q >= plain.q)
		return (struct accept_choice){true, open.underscores};
	return (struct accept_choice){false, plain.underscores};
}

const char *accept_type(struct accept_choice c)
{
	static const char *const types[2][2] = {
		{"text/plain; version=0.0.4; charset=utf-8",
		 "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"},
		{"application/openmetrics-text; version=1.0.0; charset=utf-8",
		 "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"},
	};
	return types[c.openmetrics][c.underscores];
}
