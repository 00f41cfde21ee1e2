#include "serve/route.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A name is the value of the metric's label, so it stays when a path changes. */
static const struct {
	const char *name, *path;
	enum probe probe; /* of the first four */
} handlers[HTTP_HANDLERS] = {
	[HANDLER_HEALTHZ] = {"healthz", "/healthz", PROBE_LIVENESS},
	[HANDLER_LIVEZ] = {"livez", "/livez", PROBE_LIVENESS},
	[HANDLER_READYZ] = {"readyz", "/readyz", PROBE_READINESS},
	[HANDLER_STARTUPZ] = {"startupz", "/startupz", PROBE_STARTUP},
	[HANDLER_METRICS] = {.name = "metrics", .path = "/metrics"},
	[HANDLER_STATUS] = {.name = "status", .path = "/status"},
	[HANDLER_REPORT] = {.name = "status_txt", .path = "/status.txt"},
	[HANDLER_INDEX] = {.name = "index", .path = "/"},
	[HANDLER_NUMBERS] = {.name = "numbers", .path = "/numbers.txt"},
	[HANDLER_OTHER] = {.name = "other"},
};

const char *handler_name(enum http_handler h)
{
	return handlers[h].name;
}

const unsigned http_codes[HTTP_CODES] = {200, 304, 400, 404, 405, 413, 431, 500, 503};

void http_count(struct http_counts *c, enum http_handler h, unsigned code)
{
	unsigned i = 0;

	/* A code that is not in the list would be one that we never send. */
	for (; http_codes[i] != code; i++)
		assert(i + 1 < HTTP_CODES);
	c->requests[h][i]++;
}

/* RFC 9112 3.2.2: a server takes the absolute form too, as it would come to a proxy. Without a path it names "/". */
static const char *skip_authority(const char *target)
{
	if (strncasecmp(target, "http://", 7) != 0 && strncasecmp(target, "https://", 8) != 0)
		return target;
	/* Behind the scheme stands the host, which may be any, and behind that the path begins. */
	const char *path = strchr(strchr(target, ':') + 3, '/');
	return path ? path : "/";
}

struct route route_find(const char *method, const char *target)
{
	struct route r = {.handler = HANDLER_OTHER,
			  .allowed = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0};
	const char *path = skip_authority(target);

	for (enum http_handler h = 0; h < HANDLER_OTHER; h++) {
		/* The whole path has to be ours, or with /NAME behind it where it is a probe. */
		size_t n = strlen(handlers[h].path);
		if (strncmp(path, handlers[h].path, n) != 0)
			continue;
		bool has_name = h <= HANDLER_STARTUPZ && path[n] == '/';
		if (path[n] != '\0' && !has_name)
			continue;
		r.handler = h;
		r.request.probe = handlers[h].probe;
		r.request.title = handlers[h].name;
		r.request.only = has_name ? path + n + 1 : NULL;
	}
	return r;
}

void route_argument(struct probe_request *r, const char *key, const char *value)
{
	/* ?verbose alone is the usual form; the others are what scripts write. */
	if (strcmp(key, "verbose") == 0)
		r->verbose = !value || (strcmp(value, "0") != 0 && strcasecmp(value, "false") != 0);
	/* An empty name, as of a variable that is not set, excludes nothing. */
	if (strcmp(key, "exclude") == 0 && value && *value && r->exclude_count < PROBE_EXCLUDES)
		r->exclude[r->exclude_count++] = value;
}

/* RFC 9110 5.6.2: the form of a field's name. */
static bool is_token(const char *s)
{
	const char *end = s;
	while (isalnum((unsigned char)*end) || (*end && strchr("!#$%&'*+-.^_`|~", *end)))
		end++;
	return end > s && *end == '\0';
}

/* RFC 9110 5.5: a tab is the only control character that a value may hold. */
static bool is_value(const char *s)
{
	while (*s == '\t' || (*s && !iscntrl((unsigned char)*s)))
		s++;
	return *s == '\0';
}

void route_field(struct route_head *h, const char *name, const char *value)
{
	/* "Content-Length : 5" is a field that one program knows and the next one does not. */
	h->unclear |= !is_token(name) || !is_value(value);
	/* RFC 9112 6.1: the length of an encoded body is in the body. */
	if (strcasecmp(name, "Transfer-Encoding") == 0)
		h->is_encoded = true;
	/* RFC 9112 6.3: lengths that differ, or none that can be read, say no end of the request. */
	if (strcasecmp(name, "Content-Length") == 0) {
		h->unclear |= *value == '\0' || (h->length && strcmp(h->length, value) != 0);
		h->length = value;
	}
	/* RFC 9112 3.2: more than one Host is an attempt to be understood in two ways. */
	if (strcasecmp(name, "Host") == 0) {
		h->unclear |= h->has_host;
		h->has_host = true;
	}
}

/* A length that strtoull would read and that is no number, as one with a sign, is as bad as one that is too large. */
static bool is_large(const char *length)
{
	return strspn(length, "0123456789") != strlen(length) || strtoull(length, NULL, 10) > ROUTE_BODY_MAX;
}

/* A length of zeros alone is no body. */
bool route_has_body(const struct route_head *h)
{
	return h->is_encoded || (h->length && h->length[strspn(h->length, "0")] != '\0');
}

const struct refusal *route_refusal(const struct route_head *h, size_t size)
{
	static const struct refusal too_long = {431, "a request line and header of 8 KiB at most"},
				    unclear = {400, "these header fields can be read in two ways"},
				    large = {413, "no request body is wanted here"};

	/* A head that is too long is refused for that, whatever else is wrong with it. */
	if (size > ROUTE_HEAD_MAX)
		return &too_long;
	if (h->unclear)
		return &unclear;
	/* Without a length in digits nobody knows how much would have to be read. */
	return h->is_encoded || (h->length && is_large(h->length)) ? &large : NULL;
}

/* Of the one type in front: it names no version, or ours. */
static bool has_version(const char *type, const char *ours)
{
	const char *version = strcasestr(type, "version=");
	return !version || version > type + strcspn(type, ",") || strncasecmp(version, ours, strlen(ours)) == 0;
}

/* The first type that is ours decides; a header without one gets the form that every scraper reads. */
bool route_openmetrics(const char *accept)
{
	static const struct {
		const char *type, *version;
		bool openmetrics;
	} ours[] = {
		{"application/openmetrics-text", "version=1.0.0", true},
		{"text/plain", "version=0.0.4", false},
		{"text/*", "", false},
		{"*/*", "", false},
	};
	/* A scraper lists what it likes best first. The types stand between commas, with blanks around them and
	 * parameters behind a semicolon. */
	for (; accept && *accept; accept += strcspn(accept, ",")) {
		accept += strspn(accept, ", \t");
		size_t len = strcspn(accept, ",; \t");
		for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
			if (len == strlen(ours[i].type) && strncasecmp(accept, ours[i].type, len) == 0 &&
			    has_version(accept, ours[i].version))
				return ours[i].openmetrics;
	}
	return false;
}
