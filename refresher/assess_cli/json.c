#include "assess_cli/json.h"

#include "base/number.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>

static void begin(struct json *j, const char *key)
{
	fprintf(j->out, "%s%*s", j->some ? ",\n" : j->depth > 0 ? "\n" : "", (int)j->depth * 2, "");
	if (key)
		fprintf(j->out, "\"%s\": ", key);
	j->some = true;
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	fputc(bracket, j->out);
	j->depth++;
	j->some = false;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->some)
		fprintf(j->out, "\n%*s", (int)j->depth * 2, "");
	fputc(bracket, j->out);
	j->some = true;
	if (j->depth == 0)
		fputc('\n', j->out);
}

void json_text(struct json *j, const char *key, const char *text)
{
	char quoted[2048];
	struct text t;

	text_init(&t, quoted, sizeof quoted);
	text_quoted(&t, TEXT_JSON, text);
	begin(j, key);
	fputs(quoted, j->out);
}

void json_real(struct json *j, const char *key, double v)
{
	char digits[NUMBER_MAX];
	if (!isfinite(v)) {
		json_null(j, key);
		return;
	}
	number_put(v, digits);
	begin(j, key);
	fputs(digits, j->out);
}

void json_whole(struct json *j, const char *key, uint64_t v)
{
	begin(j, key);
	fprintf(j->out, "%" PRIu64, v);
}

void json_signed(struct json *j, const char *key, int64_t v)
{
	begin(j, key);
	fprintf(j->out, "%" PRId64, v);
}

void json_bool(struct json *j, const char *key, bool v)
{
	begin(j, key);
	fputs(v ? "true" : "false", j->out);
}

void json_null(struct json *j, const char *key)
{
	begin(j, key);
	fputs("null", j->out);
}
