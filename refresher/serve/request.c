#include "serve/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A line of this length, CR LF included, may be a request line: it ends with a version. HTTP/0.9 had none, and waits
 * for its answer behind the line (RFC 9112 appendix C.1). */
static bool ends_with_version(const char *line, size_t len)
{
	static const char version[] = "HTTP/x.y\r\n";
	size_t n = sizeof version - 1;
	return len > n && memcmp(line + len - n, version, 5) == 0;
}

long request_scan(const char *text, size_t from, size_t len)
{
	for (size_t i = from; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool behind_cr = i > 0 && text[i - 1] == '\r';
		/* CR and LF come as a pair (RFC 9112 2.2), and of the other control characters there is only the tab.
		 */
		if ((c == '\n') != behind_cr || (c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
			return -1;
		if (c != '\n')
			continue;
		/* The end of an empty line ends the head; that of the first line is looked at at once. */
		if (i >= 3 && text[i - 2] == '\n')
			return (long)i + 1;
		if (!memchr(text, '\n', i) && !ends_with_version(text, i + 1))
			return -1;
	}
	return 0;
}

/* Cuts the line at *rest off, without its CR LF; request_scan has seen that there is one. */
static char *next_line(char **rest)
{
	char *line = *rest, *end = strstr(line, "\r\n");
	*end = '\0';
	*rest = end + 2;
	return line;
}

/* RFC 9110 5.6.2: the form of a method and of a field's name. */
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

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes in place (RFC 3986 2.1); what is no escape stays as it is. The text holds no %00. */
static void decode(char *s)
{
	char *out = s;
	while (*s) {
		int high = *s == '%' ? hex_digit(s[1]) : -1, low = high >= 0 ? hex_digit(s[2]) : -1;
		*out++ = low >= 0 ? (char)(high * 16 + low) : *s;
		s += low >= 0 ? 3 : 1;
	}
	*out = '\0';
}

/* The target (RFC 9112 3.2): the query behind the first question mark, and before it the path, of which the absolute
 * form has scheme and host in front. */
static void take_target(char *target, struct request *r)
{
	char *path = target, *mark = strchr(target, '?');
	if (mark) {
		*mark = '\0';
		r->query = mark + 1;
	}
	size_t scheme = strncasecmp(target, "http://", 7) == 0 ? 7 : strncasecmp(target, "https://", 8) == 0 ? 8 : 0;
	if (scheme > 0)
		path = strchr(target + scheme, '/');
	/* Decoded, %00 would end the text early, and another path would be answered. */
	if (strstr(target, "%00"))
		path = target + strlen(target);
	else if (path)
		decode(path);
	r->path = path ? path : "/";
}

/* METHOD SP target SP HTTP/1.1, with one blank each and nothing but visible ASCII between them (RFC 9112 3). */
static enum http_code take_request_line(char *line, struct request *r)
{
	char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;
	if (!version)
		return CODE_400;
	*target++ = *version++ = '\0';
	r->method = line;
	if (!is_token(line) || target[0] == '\0')
		return CODE_400;
	for (const char *p = target; *p; p++)
		if (*p <= ' ' || *p > '~')
			return CODE_400;
	if (strncmp(version, "HTTP/", 5) != 0 || strspn(version + 5, "0123456789") != 1 || version[6] != '.' ||
	    strspn(version + 7, "0123456789") != 1 || version[8] != '\0')
		return CODE_400;
	if (version[5] != '1')
		return CODE_505;
	r->http_1_0 = version[7] == '0';
	take_target(target, r);
	return CODE_200;
}

/* Does the list of Connection (RFC 9110 7.6.1) hold the word? */
static bool list_holds(const char *list, const char *word)
{
	while (*list) {
		list += strspn(list, ", \t");
		size_t len = strcspn(list, ", \t");
		if (len == strlen(word) && strncasecmp(list, word, len) == 0)
			return true;
		list += len;
	}
	return false;
}

/* Keeps the value of a field that is looked at. Of the others that come twice the first counts; those that say where
 * the request ends and for whom it is must not. */
static enum http_code keep_field(const char *name, const char *value, struct request *r)
{
	const struct {
		const char *name, **value;
		bool once;
	} fields[] = {
		{"Host", &r->host, true},
		{"Content-Length", &r->content_length, true},
		{"Transfer-Encoding", &r->transfer_encoding, true},
		{"Accept", &r->accept, false},
		{"If-Match", &r->condition.if_match, false},
		{"If-None-Match", &r->condition.if_none_match, false},
		{"If-Modified-Since", &r->condition.if_modified_since, false},
		{"If-Unmodified-Since", &r->condition.if_unmodified_since, false},
	};
	if (strcasecmp(name, "Connection") == 0 && list_holds(value, "close"))
		r->close = true;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (strcasecmp(name, fields[i].name) != 0)
			continue;
		if (*fields[i].value && fields[i].once)
			return CODE_400;
		if (!*fields[i].value)
			*fields[i].value = value;
	}
	return CODE_200;
}

/* NAME ":" blanks VALUE blanks (RFC 9112 5). A line that begins with a blank would continue the one before it (5.2). */
static enum http_code take_field(char *line, struct request *r)
{
	char *colon = strchr(line, ':');
	if (!colon)
		return CODE_400;
	*colon = '\0';
	if (!is_token(line))
		return CODE_400;
	char *value = colon + 1 + strspn(colon + 1, " \t"), *end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return keep_field(line, value, r);
}

/* Whether a body follows, and how it is taken (RFC 9112 6.1 to 6.3). */
static enum http_code check_body(struct request *r)
{
	const char *length = r->content_length;
	if (r->transfer_encoding) {
		if (length || r->http_1_0)
			return CODE_400;
		return strcasecmp(r->transfer_encoding, "chunked") == 0 ? CODE_413 : CODE_501;
	}
	if (!length)
		return CODE_200;
	if (length[0] == '\0' || strspn(length, "0123456789") != strlen(length))
		return CODE_400;
	/* What does not fit into a long is the largest one then, and so too long as well. */
	long bytes = strtol(length, NULL, 10);
	r->has_body = bytes > 0;
	return bytes > REQUEST_BODY_MAX ? CODE_413 : CODE_200;
}

enum http_code request_parse(char *text, size_t len, struct request *r)
{
	char *rest = text, *line;
	*r = (struct request){.method = ""};
	/* The line end of the empty line makes room for the end of the text. */
	text[len - 2] = '\0';
	enum http_code code = take_request_line(next_line(&rest), r);
	while (code == CODE_200 && *rest) {
		line = next_line(&rest);
		code = take_field(line, r);
	}
	if (code != CODE_200)
		return code;
	/* RFC 9112 3.2: one Host in HTTP/1.1, at most one before it, and no blank or path in it. */
	if (r->host ? r->host[strcspn(r->host, " \t,/?#@")] != '\0' : !r->http_1_0)
		return CODE_400;
	code = check_body(r);
	r->close = r->close || r->http_1_0 || r->has_body;
	return code;
}

bool request_argument(struct request *r, const char **key, const char **value)
{
	while (r->query) {
		char *argument = r->query, *end = strchr(argument, '&');
		r->query = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		if (strstr(argument, "%00"))
			continue;
		char *equals = strchr(argument, '=');
		if (equals) {
			*equals = '\0';
			decode(equals + 1);
		}
		decode(argument);
		*key = argument;
		*value = equals ? equals + 1 : NULL;
		return true;
	}
	return false;
}
