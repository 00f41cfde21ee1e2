/* http_rig.h - a real HTTP endpoint on 127.0.0.1 with its loop in a thread, and a client made of raw sockets. */
#ifndef REFRESHER_TESTS_HTTP_RIG_H
#define REFRESHER_TESTS_HTTP_RIG_H

#include "serve/http.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct http_rig {
	struct http_config config; /* fill in before rig_start; rig_init sets defaults: port 0, 8 connections */
	struct http_source source;
	struct status status;     /* what the endpoint sees: status_sample; change it before rig_start */
	const char *numbers_path; /* for rig_open_numbers */
	struct http *http;
	pthread_t thread;
	int stop_fd;
};

void rig_init(struct http_rig *r);
void rig_start(struct http_rig *r); /* fails the test when the endpoint does not start */
void rig_stop(struct http_rig *r);

int rig_open_numbers(void *rig, struct stat *st); /* for source.open_numbers */

int rig_connect(const struct http_rig *r); /* a blocking socket whose reads give up after 1 s */
void client_send(int fd, const char *text);
/* Both drop what has come. */
bool client_closed(int fd);   /* the server has closed it; does not wait */
bool client_sees_end(int fd); /* the server closes it within 1 s of silence */

struct response {
	int code;               /* 0: none came */
	char head[2048];        /* status line and header fields, ended by an empty line */
	char body[65536];       /* the first part of the body */
	size_t body_len, total; /* kept in body; received */
};

/* Reads one answer: the header, then Content-Length bytes unless head_only. */
void client_read(int fd, bool head_only, struct response *a);

/* One request on a connection of its own. */
void client_ask(const struct http_rig *r, const char *request, struct response *a);

/* Sends "GET path" with more header lines (each ended by CR LF) on a connection of its own. */
void client_get(const struct http_rig *r, const char *path, const char *headers, struct response *a);

#endif
