/* Moments as RFC 3339 writes them, and texts that only look like one. */
#include "config/date.h"

#include "rows.h"

struct row {
	const char *name, *text;
	int64_t seconds; /* -1: refused */
};

static const struct row rows[] = {
	{"the beginning of time", "1970-01-01T00:00:00Z", 0},
	{"a moment", "2026-11-28T03:42:14Z", 1795837334},
	{"small letters", "2026-11-28t03:42:14z", 1795837334},
	{"a fraction of the second", "2026-11-28T03:42:14.999Z", 1795837334},
	{"an hour east of Greenwich", "2026-11-28T04:42:14+01:00", 1795837334},
	{"half an hour off, west", "2026-11-27T18:12:14-09:30", 1795837334},
	{"the 29th of February of a leap year", "2024-02-29T00:00:00Z", 1709164800},
	{"a leap second", "2016-12-31T23:59:60Z", 1483228800},
	{"nothing", "", -1},
	{"a day without a time", "2026-11-28", -1},
	{"no zone", "2026-11-28T03:42:14", -1},
	{"a space for the T", "2026-11-28 03:42:14Z", -1},
	{"a point without digits", "2026-11-28T03:42:14.Z", -1},
	{"a year of two digits", "26-11-28T03:42:14Z", -1},
	{"the 29th of February of another year", "2026-02-29T00:00:00Z", -1},
	{"month 13", "2026-13-01T00:00:00Z", -1},
	{"month 0", "2026-00-01T00:00:00Z", -1},
	{"day 0", "2026-01-00T00:00:00Z", -1},
	{"hour 24", "2026-11-28T24:00:00Z", -1},
	{"minute 60", "2026-11-28T03:60:00Z", -1},
	{"second 61", "2026-11-28T03:42:61Z", -1},
	{"an offset without a colon", "2026-11-28T03:42:14+0100", -1},
	{"an offset of 24 hours", "2026-11-28T03:42:14+24:00", -1},
	{"an offset that is cut", "2026-11-28T03:42:14+01:", -1},
	{"something behind it", "2026-11-28T03:42:14Z ", -1},
	{"letters for digits", "2026-11-28T0x:42:14Z", -1},
};

static void row_test(void **state)
{
	const struct row *row = *state;
	int64_t seconds = -1;
	assert_int_equal(date_scan(row->text, &seconds), row->seconds >= 0);
	assert_true(seconds == row->seconds);
}

int main(void)
{
	return ROWS_RUN("date", row_test, rows);
}
