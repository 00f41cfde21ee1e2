#include "config/value.h"

#include "config/plain.h"
#include "config/refuse.h"
#include "config/scan.h"
#include "serve/listen.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const void *field(const struct key *k, const struct config *c)
{
	return (const char *)c + k->offset;
}

static void store(const struct key *k, struct config *c, const void *value)
{
	memcpy((char *)c + k->offset, value, k->size);
}

/* Every integer of the table fits in the signed type of its field's width, so the signed type serves the unsigned
 * fields and the enums too. */
static void store_int(const struct key *k, struct config *c, int64_t v)
{
	int32_t narrow = (int32_t)v;
	assert(k->size == sizeof narrow || k->size == sizeof v);
	store(k, c, k->size == sizeof v ? (const void *)&v : (const void *)&narrow);
}

static int64_t load_int(const struct key *k, const struct config *c)
{
	int32_t narrow;
	int64_t v;
	if (k->size == sizeof v) {
		memcpy(&v, field(k, c), sizeof v);
		return v;
	}
	memcpy(&narrow, field(k, c), sizeof narrow);
	return narrow;
}

static double load_double(const struct key *k, const struct config *c)
{
	double v;
	memcpy(&v, field(k, c), sizeof v);
	return v;
}

static bool load_bool(const struct key *k, const struct config *c)
{
	bool v;
	memcpy(&v, field(k, c), sizeof v);
	return v;
}

/* YAML 1.1 took these for booleans; many files still hold them. */
static bool is_old_bool(const char *text)
{
	static const char *const words[] = {"yes", "no", "on", "off", "true", "false", "y", "n"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcasecmp(words[i], text) == 0)
			return true;
	}
	return false;
}

static int set_bool(const struct key *k, struct config *c, const char *text, struct err *e)
{
	bool v = strcmp(text, "true") == 0;
	if (!v && strcmp(text, "false") != 0)
		return key_refuse(k, text, is_old_bool(text) ? "is text here, not a boolean" : "is not a boolean", e);
	store(k, c, &v);
	return 0;
}

static int set_enum(const struct key *k, struct config *c, const char *text, struct err *e)
{
	for (int64_t i = 0; k->names[i]; i++) {
		if (strcmp(k->names[i], text) == 0) {
			store_int(k, c, i);
			return 0;
		}
	}
	return key_refuse(k, text, "is not known", e);
}

static int set_int(const struct key *k, struct config *c, const char *text, struct err *e)
{
	int64_t v;
	enum scan_result r = scan_int(text, &v);
	if (r == SCAN_WRONG)
		return key_refuse(k, text, "is not an integer", e);
	if (r == SCAN_RANGE || v < k->min || v > k->max || (k->ends_only && v != k->min && v != k->max))
		return key_refuse(k, text, "is out of range", e);
	store_int(k, c, v);
	return 0;
}

static int set_number(const struct key *k, struct config *c, const char *text, struct err *e)
{
	double v;
	if (scan_decimal(text, &v) == SCAN_WRONG)
		return key_refuse(k, text, "is not a number", e);
	bool inside = v >= k->low && v <= k->high;
	if (!inside && !(k->or_zero && fpclassify(v) == FP_ZERO))
		return key_refuse(k, text, "is out of range", e);
	v = fpclassify(v) == FP_ZERO ? 0.0 : v; /* no -0 */
	store(k, c, &v);
	return 0;
}

static int set_size(const struct key *k, struct config *c, const char *text, struct err *e)
{
	int64_t v;
	enum scan_result r = scan_size(text, &v);
	if (r == SCAN_WRONG)
		return key_refuse(k, text, "is not a size", e);
	if (r == SCAN_RANGE || v < k->min || v > k->max)
		return key_refuse(k, text, "is out of range", e);
	store_int(k, c, v);
	return 0;
}

static int set_text(const struct key *k, struct config *c, const char *text, struct err *e)
{
	size_t len = strlen(text);
	if (k->required && len == 0)
		return key_refuse(k, text, "is empty", e);
	if (len >= k->size)
		return key_refuse(k, text, "is too long", e);
	if (!plain_is_printable(text))
		return key_refuse(k, text, "holds a control character or is not UTF-8", e);
	memset((char *)c + k->offset, 0, k->size);
	memcpy((char *)c + k->offset, text, len);
	return 0;
}

static int set_mode(const struct key *k, struct config *c, const char *text, struct err *e)
{
	int64_t v;
	if (!scan_octal(text, &v) || v > k->max)
		return key_refuse(k, text, "is not a file mode", e);
	store_int(k, c, v);
	c->run.output.mode_is_set = true;
	return 0;
}

static int set_owner(const struct key *k, struct config *c, const char *text, struct err *e)
{
	uint32_t uid = UINT32_MAX, gid = UINT32_MAX;
	bool pair = scan_ids(text, &uid, &gid) && gid != UINT32_MAX;
	if (text[0] && !pair)
		return key_refuse(k, text, "is not an owner", e);
	c->run.output.uid = uid;
	c->run.output.gid = gid;
	return 0;
}

static int set_user(const struct key *k, struct config *c, const char *text, struct err *e)
{
	uint32_t uid, gid;
	if (!scan_ids(text, &uid, &gid) && !scan_is_name(text))
		return key_refuse(k, text, "is not a user", e);
	return set_text(k, c, text, e);
}

static int set_listen(const struct key *k, struct config *c, const char *text, struct err *e)
{
	if (strlen(text) >= k->size || !plain_is_printable(text))
		return key_refuse(k, text, "is not an address", e);
	if (listen_check(text, e)) {
		e->code = ERR_CONFIG;
		return -1;
	}
	return set_text(k, c, text, e);
}

int value_set(const struct key *k, struct config *c, const char *text, struct err *e)
{
	switch (k->kind) {
	case KEY_BOOL:
		return set_bool(k, c, text, e);
	case KEY_ENUM:
		return set_enum(k, c, text, e);
	case KEY_INT:
		return set_int(k, c, text, e);
	case KEY_NUMBER:
	case KEY_SECONDS:
		return set_number(k, c, text, e);
	case KEY_SIZE:
		return set_size(k, c, text, e);
	case KEY_TEXT:
		return set_text(k, c, text, e);
	case KEY_MODE:
		return set_mode(k, c, text, e);
	case KEY_OWNER:
		return set_owner(k, c, text, e);
	case KEY_USER:
		return set_user(k, c, text, e);
	case KEY_LISTEN:
		return set_listen(k, c, text, e);
	}
	return err_set(e, ERR_SOFTWARE, 0, "the table of keys holds an unknown kind");
}

static void get_owner(const struct config *c, char *out)
{
	out[0] = '\0';
	if (c->run.output.uid != (uid_t)-1)
		snprintf(out, VALUE_TEXT_MAX, "%" PRIu32 ":%" PRIu32, c->run.output.uid, c->run.output.gid);
}

void value_get(const struct key *k, const struct config *c, char *out)
{
	switch (k->kind) {
	case KEY_BOOL:
		snprintf(out, VALUE_TEXT_MAX, "%s", load_bool(k, c) ? "true" : "false");
		break;
	case KEY_ENUM:
		snprintf(out, VALUE_TEXT_MAX, "%s", k->names[load_int(k, c)]);
		break;
	case KEY_INT:
		snprintf(out, VALUE_TEXT_MAX, "%" PRId64, load_int(k, c));
		break;
	case KEY_NUMBER:
	case KEY_SECONDS:
		scan_put_decimal(load_double(k, c), out, VALUE_TEXT_MAX);
		break;
	case KEY_SIZE:
		scan_put_size(load_int(k, c), out, VALUE_TEXT_MAX);
		break;
	case KEY_TEXT:
	case KEY_USER:
	case KEY_LISTEN:
		snprintf(out, VALUE_TEXT_MAX, "%s", (const char *)field(k, c));
		break;
	case KEY_MODE:
		snprintf(out, VALUE_TEXT_MAX, "%04" PRIo64, (uint64_t)load_int(k, c));
		break;
	case KEY_OWNER:
		get_owner(c, out);
		break;
	}
}

bool value_equal(const struct key *k, const struct config *a, const struct config *b)
{
	char one[VALUE_TEXT_MAX], two[VALUE_TEXT_MAX];
	value_get(k, a, one);
	value_get(k, b, two);
	return strcmp(one, two) == 0;
}

void value_copy(const struct key *k, struct config *to, const struct config *from)
{
	if (k->kind == KEY_OWNER)
		to->run.output.gid = from->run.output.gid;
	store(k, to, field(k, from));
}

bool value_is_typed(const struct key *k)
{
	return k->kind == KEY_BOOL || k->kind == KEY_INT || k->kind == KEY_NUMBER || k->kind == KEY_SECONDS;
}

bool value_is_quoted(const struct key *k)
{
	/* A plain 0444 or 0:0 would be a number of another base to many readers of YAML. */
	return !value_is_typed(k) && k->kind != KEY_ENUM && k->kind != KEY_SIZE;
}
