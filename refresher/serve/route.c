#include "serve/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *handler_name(enum http_handler h)
{
	static const char *const names[HTTP_HANDLERS] = {
		"healthz", "livez", "readyz", "startupz", "metrics", "status", "index", "numbers", "other",
	};
	return names[h];
}

const char *code_name(enum http_code c)
{
	static const char *const names[HTTP_CODES] = {
		"200", "304", "400", "404", "405", "412", "413", "431", "500", "503",
	};
	return names[c];
}

unsigned code_number(enum http_code c)
{
	static const unsigned short numbers[HTTP_CODES] = {200, 304, 400, 404, 405, 412, 413, 431, 500, 503};
	return numbers[c];
}

struct row {
	const char *path;
	enum http_handler handler;
	enum probe probe;
	bool has_checks; /* also /path/NAME */
};

static const struct row rows[] = {
	{"/healthz", HANDLER_HEALTHZ, PROBE_LIVENESS, true},  {"/livez", HANDLER_LIVEZ, PROBE_LIVENESS, true},
	{"/readyz", HANDLER_READYZ, PROBE_READINESS, true},   {"/startupz", HANDLER_STARTUPZ, PROBE_STARTUP, true},
	{"/metrics", HANDLER_METRICS, PROBE_LIVENESS, false}, {"/status", HANDLER_STATUS, PROBE_LIVENESS, false},
	{"/", HANDLER_INDEX, PROBE_LIVENESS, false},          {"/numbers.txt", HANDLER_NUMBERS, PROBE_LIVENESS, false},
};

static const char *skip_authority(const char *path)
{
	static const char *const schemes[] = {"http://", "https://"};
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t n = strlen(schemes[i]);
		if (strncasecmp(path, schemes[i], n) == 0) {
			const char *slash = strchr(path + n, '/');
			return slash ? slash : "/";
		}
	}
	return path;
}

struct route route_find(const char *method, const char *path)
{
	struct route r = {.handler = HANDLER_OTHER};
	r.allowed = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	path = skip_authority(path);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t n = strlen(rows[i].path);
		if (strncmp(path, rows[i].path, n) != 0)
			continue;
		bool whole = path[n] == '\0';
		if (!whole && !(rows[i].has_checks && path[n] == '/'))
			continue;
		r.handler = rows[i].handler;
		r.probe = rows[i].probe;
		r.only = whole ? NULL : path + n + 1;
		break;
	}
	return r;
}

void route_argument(struct route_query *q, const char *key, const char *value)
{
	if (strcmp(key, "verbose") == 0)
		q->verbose = !value || (strcmp(value, "0") != 0 && strcasecmp(value, "false") != 0);
	if (strcmp(key, "exclude") == 0 && value && *value && q->exclude_count < ROUTE_EXCLUDES)
		q->exclude[q->exclude_count++] = value;
}

/* RFC 9110 5.6.2: the form of a field's name. */
static bool is_token(const char *s)
{
	const char *p = s;
	for (; *p; p++) {
		bool digit = *p >= '0' && *p <= '9', letter = (*p | 0x20) >= 'a' && (*p | 0x20) <= 'z';
		if (!digit && !letter && !strchr("!#$%&'*+-.^_`|~", *p))
			return false;
	}
	return p > s;
}

/* RFC 9110 5.5: a tab is the only control character that a value may hold. */
static bool is_value(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

void route_field(struct route_head *h, const char *name, const char *value)
{
	if (!is_token(name) || !is_value(value))
		h->unclear = true;
	if (strcasecmp(name, "Content-Length") == 0) {
		if (value[0] == '\0' || (h->length && strcmp(h->length, value) != 0))
			h->unclear = true;
		h->length = value;
	}
	if (strcasecmp(name, "Host") == 0) {
		if (h->host)
			h->unclear = true;
		h->host = value;
	}
}

int route_body(const char *content_length, const char *transfer_encoding)
{
	if (transfer_encoding)
		return -1;
	if (!content_length)
		return 0;
	if (strspn(content_length, "0") == strlen(content_length))
		return 0;
	size_t len = strlen(content_length);
	if (len > 9 || strspn(content_length, "0123456789") != len)
		return -1;
	return strtoul(content_length, NULL, 10) <= ROUTE_BODY_MAX ? 1 : -1;
}

/* 1: the type is OpenMetrics, 0: the text format, -1: none of ours. Cuts the parameters off. */
static int format_of(char *type)
{
	static const struct {
		const char *type, *version;
		int format;
	} ours[] = {
		{"application/openmetrics-text", "version=1.0.0", 1},
		{"text/plain", "version=0.0.4", 0},
		{"text/*", "", 0},
		{"*/*", "", 0},
	};
	/* A type that names a version is ours only with our version. */
	const char *version = strcasestr(type, "version=");
	type[strcspn(type, "; \t")] = '\0';
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strcasecmp(type, ours[i].type) == 0 &&
		    (!version || strncasecmp(version, ours[i].version, strlen(ours[i].version)) == 0))
			return ours[i].format;
	return -1;
}

bool route_openmetrics(const char *accept)
{
	char type[128];
	int format = -1;
	/* The types stand between commas, with blanks around them. A longer one than fits is none of ours. */
	while (format < 0 && accept && *accept) {
		accept += strspn(accept, ", \t");
		size_t len = strcspn(accept, ",");
		snprintf(type, sizeof type, "%.*s", len < sizeof type ? (int)len : 0, accept);
		format = format_of(type);
		accept += len;
	}
	return format == 1;
}
