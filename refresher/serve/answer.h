/* answer.h - request -> answer: which page, probe or file each path gives, and the head that goes before it.
 *
 * Every answer is rendered from the struct status that the source's callback fills in. No sockets here; but for
 * /numbers.txt, which opens a file, nothing blocks. */
#ifndef REFRESHER_SERVE_ANSWER_H
#define REFRESHER_SERVE_ANSWER_H

#include "serve/condition.h"
#include "serve/http.h"
#include "serve/request.h"
#include "serve/route.h"
#include "serve/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANSWER_HEAD_MAX = 512 };

struct answerer {
	struct http_source source;
	bool serve_numbers;
	struct http_counts counts;
	struct status status;
	char page[TEXT_PAGE_MAX];
};

struct answer {
	enum http_code code;
	const char *type; /* NULL: no Content-Type */
	const char *body; /* in the answerer, until its next answer; or constant. NULL: the file is the body */
	uint64_t length;  /* of the body */
	int file_fd;      /* -1, or the receiver's to close */
	struct validators file;
	bool has_file; /* `file` is filled in */
};

/* What the request is answered, and counts it. */
struct answer answer_request(struct answerer *a, struct request *r);

/* What a request that could not be taken is answered: CODE_400, 408, 413, 414, 431, 501 or 505. */
struct answer answer_refusal(struct answerer *a, enum http_code code);

/* Status line and fields, ended by the empty line, into head; their length. close: the connection ends behind it.
 * real_ns: now, for Date. */
size_t answer_head(const struct answer *answer, bool close, int64_t real_ns, char head[ANSWER_HEAD_MAX]);

#endif
