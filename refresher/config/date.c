#include "config/date.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

/* The number of the two digits at p, or -1 where there are none. */
static int two(const char *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* Z, or + or - with hours and minutes (RFC 3339, 5.6, time-offset), and then nothing more. */
static bool scan_offset(const char *p, int64_t *seconds)
{
	*seconds = 0;
	if (strcmp(p, "Z") == 0 || strcmp(p, "z") == 0)
		return true;

	/* The length comes first, so that nothing behind the end is looked at. */
	if ((p[0] != '+' && p[0] != '-') || strlen(p) != strlen("+00:00") || p[3] != ':')
		return false;
	int hours = two(p + 1), minutes = two(p + 4);
	*seconds = (p[0] == '-' ? -60 : 60) * (int64_t)(hours * 60 + minutes);
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

bool date_scan(const char *text, int64_t *unix_seconds)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	const size_t len = sizeof shape - 1;

	/* Digits and what stands between them have fixed places. */
	for (size_t i = 0; i < len; i++) {
		bool is_digit = text[i] >= '0' && text[i] <= '9';
		if (shape[i] == 'd' ? !is_digit : text[i] != shape[i] && !(shape[i] == 'T' && text[i] == 't'))
			return false;
	}

	/* A fraction has at least one digit. */
	const char *rest = text + len;
	if (*rest == '.') {
		size_t digits = strspn(rest + 1, "0123456789");
		if (digits == 0)
			return false;
		rest += 1 + digits;
	}

	/* The C library makes another day of one that is not in its month. The second comes on top, for it may be a
	 * leap second, the 61st, which would be one of the next minute. */
	struct tm tm = {.tm_year = two(text) * 100 + two(text + 2) - 1900,
			.tm_mon = two(text + 5) - 1,
			.tm_mday = two(text + 8),
			.tm_hour = two(text + 11),
			.tm_min = two(text + 14)};
	const struct tm wanted = tm;
	int64_t offset, minute = timegm(&tm);
	int second = two(text + 17);
	if (tm.tm_mon != wanted.tm_mon || tm.tm_mday != wanted.tm_mday || wanted.tm_hour > 23 || wanted.tm_min > 59 ||
	    second > 60 || !scan_offset(rest, &offset))
		return false;
	*unix_seconds = minute + second - offset;
	return true;
}
