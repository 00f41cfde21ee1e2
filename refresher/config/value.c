#include "config/value.h"

#include "base/number.h"
#include "config/plain.h"
#include "config/refuse.h"
#include "config/scan.h"
#include "confine/identity.h"
#include "serve/listen.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every integer of the table fits in the signed type of its field's width, so the signed type serves the unsigned
 * fields and the enums too; a boolean is one byte. */
static void store_int(const struct key *k, void *field, int64_t v)
{
	if (k->size == sizeof(bool))
		*(bool *)field = v != 0;
	else if (k->size == sizeof(int32_t))
		*(int32_t *)field = (int32_t)v;
	else
		*(int64_t *)field = v;
}

static int64_t load_int(const struct key *k, const void *field)
{
	if (k->size == sizeof(bool))
		return *(const bool *)field;
	return k->size == sizeof(int32_t) ? *(const int32_t *)field : *(const int64_t *)field;
}

static int set_name(const struct key *k, void *field, const char *text, struct err *e)
{
	/* The names stand in the order of the enum, and false before true. */
	for (int64_t i = 0; k->names[i]; i++) {
		if (strcmp(k->names[i], text) == 0) {
			store_int(k, field, i);
			return 0;
		}
	}

	/* YAML 1.1 took these words for booleans, and many files still hold them: who writes one of them means a
	 * boolean, and should learn how it is written. */
	if (k->kind == KEY_ENUM)
		return key_refuse(k, text, "is not known", e);
	bool was_boolean = fnmatch("@(yes|no|on|off|true|false|y|n)", text, FNM_EXTMATCH | FNM_CASEFOLD) == 0;
	return key_refuse(k, text, was_boolean ? "is text here, not a boolean" : "is not a boolean", e);
}

static int set_int(const struct key *k, void *field, const char *text, struct err *e)
{
	int64_t v;

	/* What is no number at all gets other words than a number that is not allowed. */
	enum scan_result r = scan_int(text, k->kind == KEY_SIZE, &v);
	if (r == SCAN_WRONG)
		return key_refuse(k, text, k->kind == KEY_SIZE ? "is not a size" : "is not an integer", e);
	if (r == SCAN_RANGE || v < k->min || v > k->max || (k->ends_only && v != k->min && v != k->max))
		return key_refuse(k, text, "is out of range", e);
	store_int(k, field, v);
	return 0;
}

static int set_number(const struct key *k, void *field, const char *text, struct err *e)
{
	double v;
	if (!scan_decimal(text, &v))
		return key_refuse(k, text, "is not a number", e);

	/* 0 lies outside of its key's bounds, and means something of its own. */
	bool inside = v >= k->low && v <= k->high;
	if (!inside && !(k->or_zero && fpclassify(v) == FP_ZERO))
		return key_refuse(k, text, "is out of range", e);
	*(double *)field = v;
	return 0;
}

static int set_mode(const struct key *k, struct sink_config *output, const char *text, struct err *e)
{
	/* The leading zero tells it from a number, for people and for other readers of YAML. */
	if (text[0] != '0' || strlen(text) != 4 || strspn(text, "01234567") != 4)
		return key_refuse(k, text, "is not a file mode", e);

	/* A mode that somebody asked for must be had; a file system without modes is an error then. */
	output->mode = (mode_t)strtoul(text, NULL, 8);
	output->mode_is_set = true;
	return 0;
}

static int set_owner(const struct key *k, struct sink_config *output, const char *text, struct err *e)
{
	/* Without an owner both ids say "no change" to the kernel; the group is not guessed from the user. */
	uint32_t uid = UINT32_MAX, gid = UINT32_MAX;
	bool is_pair = text[0] && identity_numbers(text, &uid, &gid) && gid != UINT32_MAX;
	if (text[0] && !is_pair)
		return key_refuse(k, text, "is not an owner", e);
	output->uid = uid;
	output->gid = gid;
	return 0;
}

static int set_text(const struct key *k, void *field, const char *text, struct err *e)
{
	uint32_t uid, gid;
	size_t len = strlen(text);

	/* Whether there is such a user is found out where it is needed: here no database is read. */
	if (k->kind == KEY_USER && !identity_numbers(text, &uid, &gid) && !scan_is_name(text))
		return key_refuse(k, text, "is not a user", e);

	/* Of any text: it must fit, and be safe to log, to show, and to print as YAML. */
	if (k->required && len == 0)
		return key_refuse(k, text, "is empty", e);
	if (len >= k->size)
		return key_refuse(k, text, "is too long", e);
	if (!plain_is_printable(text))
		return key_refuse(k, text, "holds a control character or is not UTF-8", e);

	/* The endpoint knows best what it can listen at, and says so. */
	if (k->kind == KEY_LISTEN && listen_check(text, e) < 0)
		return -1;

	/* It fills the field with zeros behind the text, so that nothing of a longer one stays. */
	strncpy(field, text, k->size);
	return 0;
}

int value_set(const struct key *k, struct config *c, const char *text, struct err *e)
{
	void *field = (char *)c + k->offset;
	switch (k->kind) {
	case KEY_SECTION:
		return err_set(e, ERR_CONFIG, 0, "a section, not a key; name a key below it");
	case KEY_BOOL:
	case KEY_ENUM:
		return set_name(k, field, text, e);
	case KEY_INT:
	case KEY_SIZE:
		return set_int(k, field, text, e);
	case KEY_NUMBER:
		return set_number(k, field, text, e);
	case KEY_MODE:
		return set_mode(k, &c->run.output, text, e);
	case KEY_OWNER:
		return set_owner(k, &c->run.output, text, e);
	default:
		return set_text(k, field, text, e);
	}
}

void value_get(const struct key *k, const struct config *c, char *out)
{
	const void *field = (const char *)c + k->offset;
	const struct sink_config *output = &c->run.output;
	out[0] = '\0';
	switch (k->kind) {
	case KEY_BOOL:
	case KEY_ENUM:
		snprintf(out, VALUE_TEXT_MAX, "%s", k->names[load_int(k, field)]);
		break;
	case KEY_INT:
		snprintf(out, VALUE_TEXT_MAX, "%" PRId64, load_int(k, field));
		break;
	case KEY_SIZE:
		scan_put_size(load_int(k, field), out, VALUE_TEXT_MAX);
		break;
	case KEY_NUMBER:
		number_put(*(const double *)field, out);
		break;
	case KEY_MODE:
		snprintf(out, VALUE_TEXT_MAX, "%04o", output->mode);
		break;
	case KEY_OWNER:
		if (output->uid != (uid_t)-1)
			snprintf(out, VALUE_TEXT_MAX, "%" PRIu32 ":%" PRIu32, output->uid, output->gid);
		break;
	default:
		snprintf(out, VALUE_TEXT_MAX, "%s", (const char *)field);
	}
}
