#include "json_check.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* Each step returns what follows the thing that it recognises, or NULL. */
static const char *value(const char *p, int depth);

static const char *blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static const char *string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	while (*p != '"') {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p != '\\') {
			p++;
			continue;
		}
		p++;
		if (*p == 'u') {
			if (strspn(p + 1, "0123456789abcdefABCDEF") < 4)
				return NULL;
			p += 5;
		} else if (*p && strchr("\"\\/bfnrt", *p)) {
			p++;
		} else {
			return NULL;
		}
	}
	return p + 1;
}

static const char *digits(const char *p)
{
	if (!isdigit((unsigned char)*p))
		return NULL;
	return p + strspn(p, "0123456789");
}

static const char *number(const char *p)
{
	if (*p == '-')
		p++;
	if (*p == '0')
		p++;
	else if (!(p = digits(p)))
		return NULL;
	if (*p == '.' && !(p = digits(p + 1)))
		return NULL;
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '+' || *p == '-')
			p++;
		p = digits(p);
	}
	return p;
}

static const char *member(const char *p, int depth)
{
	p = string(p);
	if (!p || *(p = blanks(p)) != ':')
		return NULL;
	return value(p + 1, depth);
}

/* An array or an object: items between commas up to `close`. */
static const char *items(const char *p, char close, int depth)
{
	p = blanks(p + 1);
	if (*p == close)
		return p + 1;
	for (;;) {
		p = close == '}' ? member(p, depth) : value(p, depth);
		if (!p)
			return NULL;
		p = blanks(p);
		if (*p == close)
			return p + 1;
		if (*p != ',')
			return NULL;
		p = blanks(p + 1);
	}
}

static const char *word(const char *p, const char *w)
{
	return strncmp(p, w, strlen(w)) == 0 ? p + strlen(w) : NULL;
}

static const char *value(const char *p, int depth)
{
	if (depth == 0)
		return NULL;
	p = blanks(p);
	switch (*p) {
	case '{':
		return items(p, '}', depth - 1);
	case '[':
		return items(p, ']', depth - 1);
	case '"':
		return string(p);
	case 't':
		return word(p, "true");
	case 'f':
		return word(p, "false");
	case 'n':
		return word(p, "null");
	default:
		return number(p);
	}
}

bool json_check(const char *text)
{
	const char *end = value(text, 20);
	return end && *blanks(end) == '\0';
}

/* The value of the member called name[n] of the object at p. */
static const char *find_member(const char *p, const char *name, size_t n)
{
	p = blanks(p);
	if (*p != '{')
		return NULL;
	p = blanks(p + 1);
	while (*p == '"') {
		const char *end = string(p);
		if (!end)
			return NULL;
		const char *colon = blanks(end);
		if ((size_t)(end - p) == n + 2 && strncmp(p + 1, name, n) == 0)
			return blanks(colon + 1);
		p = value(colon + 1, 20);
		if (!p || *(p = blanks(p)) != ',')
			return NULL;
		p = blanks(p + 1);
	}
	return NULL;
}

bool json_find(const char *text, const char *path, char *out, unsigned long cap)
{
	const char *p = text;
	while (p && *path) {
		size_t n = strcspn(path, ".");
		p = find_member(p, path, n);
		path += n + (path[n] == '.');
	}
	const char *end = p ? value(p, 20) : NULL;
	if (!end)
		return false;
	size_t len = (size_t)(end - p) < cap - 1 ? (size_t)(end - p) : cap - 1;
	memcpy(out, p, len);
	out[len] = '\0';
	return true;
}
