/* json.h - JSON to a stream, member by member (RFC 8259): commas and indentation are its business. A failed write shows
 * in ferror(out). One owner. */
#ifndef REFRESHER_ASSESS_CLI_JSON_H
#define REFRESHER_ASSESS_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	unsigned depth;
	bool some; /* the object or array has a member already */
};

/* key NULL: an element of an array, or the outermost value. */
void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);                 /* '}' or ']' */
void json_text(struct json *j, const char *key, const char *text);
void json_real(struct json *j, const char *key, double v); /* 17 digits; what is not finite is null */
void json_whole(struct json *j, const char *key, uint64_t v);
void json_signed(struct json *j, const char *key, int64_t v);
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);

#endif
