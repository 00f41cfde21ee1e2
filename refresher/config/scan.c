#include "config/scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

/* The digits at the start of text: 0 for none, or for a number with a leading zero. */
static size_t number_len(const char *text)
{
	size_t len = strspn(text, digits);
	return text[0] == '0' && len > 1 ? 0 : len;
}

static enum scan_result read_int(const char *text, const char **end, int64_t *v)
{
	const char *first = text[0] == '-' ? text + 1 : text;
	size_t len = number_len(first);
	if (len == 0)
		return SCAN_WRONG;
	errno = 0;
	*v = strtoll(text, NULL, 10);
	*end = first + len;
	return errno ? SCAN_RANGE : SCAN_OK;
}

enum scan_result scan_int(const char *text, int64_t *v)
{
	const char *end = text;
	enum scan_result r = read_int(text, &end, v);
	return *end ? SCAN_WRONG : r;
}

enum scan_result scan_decimal(const char *text, double *v)
{
	const char *p = text[0] == '-' ? text + 1 : text;
	size_t whole = number_len(p);
	p += whole;
	if (p[0] == '.') {
		size_t fraction = strspn(p + 1, digits);
		p += fraction ? fraction + 1 : 0;
	}
	if (whole == 0 || *p)
		return SCAN_WRONG;
	*v = strtod(text, NULL);
	return SCAN_OK;
}

/* Largest first, for scan_put_size. */
static const struct unit {
	const char *name;
	unsigned shift;
} units[] = {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"", 0}};
enum { UNITS = sizeof units / sizeof units[0] };

enum scan_result scan_size(const char *text, int64_t *v)
{
	const char *end = text;
	enum scan_result r = read_int(text, &end, v);
	if (r == SCAN_WRONG)
		return r;
	for (size_t i = 0; i < UNITS; i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		if (r == SCAN_RANGE || *v < 0 || *v > INT64_MAX >> units[i].shift)
			return SCAN_RANGE;
		*v = (int64_t)((uint64_t)*v << units[i].shift);
		return SCAN_OK;
	}
	return SCAN_WRONG;
}

bool scan_octal(const char *text, int64_t *v)
{
	if (text[0] != '0' || strlen(text) != 4 || strspn(text, "01234567") != 4)
		return false;
	*v = strtoll(text, NULL, 8);
	return true;
}

bool scan_ids(const char *text, uint32_t *uid, uint32_t *gid)
{
	const char *end = text;
	int64_t user, group = UINT32_MAX;
	if (text[0] == '-' || read_int(text, &end, &user) != SCAN_OK || user >= UINT32_MAX)
		return false;
	if (*end && (*end != ':' || end[1] == '-' || scan_int(end + 1, &group) != SCAN_OK || group >= UINT32_MAX))
		return false;
	*uid = (uint32_t)user;
	*gid = (uint32_t)group;
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool scan_is_name(const char *text)
{
	size_t len = strlen(text);
	if (!is_letter(text[0]) || len > 32)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_letter(text[i]) && !strchr("0123456789-.", text[i]))
			return false;
	}
	return true;
}

void scan_put_decimal(double v, char *out, size_t cap)
{
	/* 15 digits suffice for what people write, 17 for every double. */
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(out, cap, "%.*g", precision, v);
		double back = strtod(out, NULL);
		if (back >= v && back <= v)
			return;
	}
}

void scan_put_size(int64_t v, char *out, size_t cap)
{
	size_t i = 0;
	while (v == 0 ? units[i].shift : v & (int64_t)((UINT64_C(1) << units[i].shift) - 1))
		i++;
	snprintf(out, cap, "%" PRId64 "%s", v >> units[i].shift, units[i].name);
}
