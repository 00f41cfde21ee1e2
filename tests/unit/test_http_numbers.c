/* http.c: /numbers.txt, and the endpoint with TLS. */
#include "http_rig.h"

#include "status_sample.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct http_rig rig;
	char dir[32], path[64], other[64];
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	strcpy(f->dir, "/tmp/test_http_XXXXXX");
	if (!f || !mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof f->path, "%s/numbers.txt", f->dir);
	snprintf(f->other, sizeof f->other, "%s/other", f->dir);
	rig_init(&f->rig);
	f->rig.config.serve_numbers = true;
	f->rig.source.numbers_path = f->path;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	unlink(f->path);
	unlink(f->other);
	rmdir(f->dir);
	free(f);
	return 0;
}

static char *field(const struct answer *a, const char *name, char out[80])
{
	const char *p = strcasestr(a->head, name);
	assert_non_null(p);
	p += strlen(name);
	snprintf(out, 80, "%.*s", (int)strcspn(p, "\r"), p);
	return out;
}

static void test_whole_file(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	char value[80];
	write_file(f->path, "1\n-2\n3\n");
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 200);
	assert_string_equal(a.body, "1\n-2\n3\n");
	assert_string_equal(field(&a, "\r\nContent-Type: ", value), "text/plain; charset=utf-8");
	assert_string_equal(field(&a, "\r\nAccept-Ranges: ", value), "bytes");
	assert_string_equal(field(&a, "\r\nCache-Control: ", value), "no-store");
	assert_int_equal(field(&a, "\r\nETag: ", value)[0], '"');
	assert_non_null(strstr(field(&a, "\r\nLast-Modified: ", value), " GMT"));
}

static void test_validators_and_ranges(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	char etag[80], date[80], headers[300];
	write_file(f->path, "0123456789");
	rig_start(&f->rig);
	client_ask(&f->rig, "HEAD /numbers.txt HTTP/1.1\r\nHost: x\r\n\r\n", &a);
	assert_int_equal(a.code, 200);
	assert_non_null(strstr(a.head, "\r\nContent-Length: 10\r\n"));
	field(&a, "\r\nETag: ", etag);
	field(&a, "\r\nLast-Modified: ", date);
	snprintf(headers, sizeof headers, "If-None-Match: %s\r\n", etag);
	client_get(&f->rig, "/numbers.txt", headers, &a);
	assert_int_equal(a.code, 304);
	assert_int_equal(a.total, 0);
	/* RFC 9110 8.6: the length of the 200, or none; never 0. */
	assert_true(!strcasestr(a.head, "\r\nContent-Length:") || strstr(a.head, "\r\nContent-Length: 10\r\n"));
	assert_null(strcasestr(a.head, "\r\nContent-Type:"));
	snprintf(headers, sizeof headers, "If-Modified-Since: %s\r\n", date);
	client_get(&f->rig, "/numbers.txt", headers, &a);
	assert_int_equal(a.code, 304);
	snprintf(headers, sizeof headers, "Range: bytes=2-4\r\nIf-Range: %s\r\n", etag);
	client_get(&f->rig, "/numbers.txt", headers, &a);
	assert_int_equal(a.code, 206);
	assert_string_equal(a.body, "234");
	assert_non_null(strstr(a.head, "\r\nContent-Range: bytes 2-4/10\r\n"));
	client_ask(&f->rig, "HEAD /numbers.txt HTTP/1.1\r\nHost: x\r\nRange: bytes=2-4\r\n\r\n", &a);
	assert_int_equal(a.code, 200); /* ranges are for GET */
	assert_non_null(strstr(a.head, "\r\nContent-Length: 10\r\n"));
	client_get(&f->rig, "/numbers.txt", "Range: bytes=10-\r\n", &a);
	assert_int_equal(a.code, 416);
	assert_non_null(strstr(a.head, "\r\nContent-Range: bytes */10\r\n"));
	client_get(&f->rig, "/numbers.txt", "If-Match: \"other\"\r\n", &a);
	assert_int_equal(a.code, 412);
	rig_stop(&f->rig);
}

static void test_the_file_may_be_replaced_between_requests(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	char first[80], second[80];
	write_file(f->path, "old\n");
	rig_start(&f->rig);
	int fd = rig_connect(&f->rig);
	client_send(fd, "GET /numbers.txt HTTP/1.1\r\nHost: x\r\n\r\n");
	client_read(fd, false, &a);
	assert_string_equal(a.body, "old\n");
	field(&a, "\r\nETag: ", first);
	write_file(f->other, "new\n");
	assert_int_equal(rename(f->other, f->path), 0);
	client_send(fd, "GET /numbers.txt HTTP/1.1\r\nHost: x\r\n\r\n");
	client_read(fd, false, &a);
	assert_string_equal(a.body, "new\n");
	assert_string_not_equal(field(&a, "\r\nETag: ", second), first);
	close(fd);
	rig_stop(&f->rig);
}

static void test_a_large_file_comes_whole_and_is_counted(void **state)
{
	enum { SIZE = 5 << 20 };
	static struct answer a;
	struct fixture *f = *state;
	int fd = open(f->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	close(fd);
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	assert_int_equal(a.total, SIZE);
	client_get(&f->rig, "/metrics", "", &a);
	assert_non_null(strstr(a.body, "http_requests_total{handler=\"numbers\",code=\"200\"} 1\n"));
	rig_stop(&f->rig);
}

static void test_raw_bytes_have_their_type(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	char value[80];
	write_file(f->path, "1234");
	status_text(f->rig.status.format, sizeof f->rig.status.format, "binary");
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 200);
	assert_string_equal(field(&a, "\r\nContent-Type: ", value), "application/octet-stream");
}

static void test_no_file_yet(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 404);
	assert_string_equal(a.body, "there is no file: none was published yet, or it was removed\n");
}

static void test_a_fifo_does_not_hold_the_loop(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	assert_int_equal(mkfifo(f->path, 0600), 0);
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 404);
	assert_string_equal(a.body, "the output is not a regular file\n");
}

static void test_a_file_that_changes_before_its_readers_is_not_served(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	write_file(f->path, "1\n");
	snprintf(f->rig.status.write_mode, sizeof f->rig.status.write_mode, "in_place");
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 404);
	assert_non_null(strstr(a.body, "would be torn"));
}

static void test_nobody_opens_a_file_on_a_disk_that_hangs(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	struct status *s = &f->rig.status;
	write_file(f->path, "1\n");
	static const char *const stages[] = {"generate", "write", "publish"};
	s->heartbeat_mono_ns = s->now_mono_ns - 2000000001;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(s->worker_stage, sizeof s->worker_stage, "%s", stages[i]);
		rig_start(&f->rig);
		client_get(&f->rig, "/numbers.txt", "", &a);
		rig_stop(&f->rig);
		assert_int_equal(a.code, 503);
		assert_non_null(strstr(a.body, "the disk has not answered"));
	}
	s->heartbeat_mono_ns = s->now_mono_ns - 2000000000;
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 200);
}

static void test_switched_off(void **state)
{
	static struct answer a;
	struct fixture *f = *state;
	write_file(f->path, "secret\n");
	f->rig.config.serve_numbers = false;
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 404);
	assert_null(strstr(a.body, "secret"));
}

/* A self-signed P-256 certificate for these tests alone, and its key. */
static const char cert_pem[] = "-----BEGIN CERTIFICATE-----\n"
			       "MIIBhjCCASygAwIBAgIUPPmhOEvb21K0eFwmoe1dBdbhIC4wCgYIKoZIzj0EAwIw\n"
			       "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMxNTEzMjRaGA8yMTI2MTAzMDE1MTMy\n"
			       "NFowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJvB\n"
			       "2ZXail1EVDBOW4gMJ8WogPG/Cizbp/+0AROpMCr+sbHCuiiHrUjHNg6xFfeAqvvd\n"
			       "m16k2TY1eeSLKNP5y7CjZDBiMB0GA1UdDgQWBBRoZ0VAyWVHW7YaKQlwssm27Rc2\n"
			       "WTAfBgNVHSMEGDAWgBRoZ0VAyWVHW7YaKQlwssm27Rc2WTAPBgNVHRMBAf8EBTAD\n"
			       "AQH/MA8GA1UdEQQIMAaHBH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhAIDSaLCvNbCz\n"
			       "pei04v5LZaEY35agk9BpxzHJspzYqlbNAiAHBeRt7w0ZxTainPO9FiPXgjLtkW11\n"
			       "39e80NBir1UmZQ==\n"
			       "-----END CERTIFICATE-----\n";
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
			      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4uzYc9i3Xrv1ewff\n"
			      "S98LjXK8i8WD1HufbJLA9dU7qcuhRANCAASbwdmV2opdRFQwTluIDCfFqIDxvwos\n"
			      "26f/tAETqTAq/rGxwrooh61IxzYOsRX3gKr73ZtepNk2NXnkiyjT+cuw\n"
			      "-----END PRIVATE KEY-----\n";

static void use_tls(struct fixture *f, const char *cert, const char *key)
{
	write_file(f->path, cert);
	write_file(f->other, key);
	status_text(f->rig.config.tls_cert, sizeof f->rig.config.tls_cert, f->path);
	status_text(f->rig.config.tls_key, sizeof f->rig.config.tls_key, f->other);
}

/* TLS 1.2 ClientHello: ECDHE-ECDSA with AES-128-GCM, secp256r1, ecdsa_secp256r1_sha256. */
static const unsigned char hello[] = {
	0x16, 3,  1,  0,    69,                                               /* record: handshake */
	1,    0,  0,  65,   3,    3,                                          /* ClientHello, TLS 1.2 */
	1,    2,  3,  4,    5,    6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, /* random */
	17,   18, 19, 20,   21,   22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, /* random */
	0,    0,  2,  0xc0, 0x2b, 1,  0, /* no session; one suite; no compression */
	0,    22, 0,  10,   0,    4,  0,  2,  0,  23, 0,  13, 0,  4,  0,  2,
	4,    3,  0,  11,   0,    2,  1,  0 /* groups, signatures, points */
};

static void test_tls_answers_a_hello(void **state)
{
	struct fixture *f = *state;
	unsigned char c = 0;
	use_tls(f, cert_pem, key_pem);
	rig_start(&f->rig);
	int fd = rig_connect(&f->rig);
	assert_int_equal(send(fd, hello, sizeof hello, MSG_NOSIGNAL), sizeof hello);
	assert_int_equal(recv(fd, &c, 1, 0), 1);
	assert_int_equal(c, 0x16); /* a handshake record, not an alert (0x15) */
	close(fd);
	rig_stop(&f->rig);
}

static void test_tls_does_not_answer_plain_http(void **state)
{
	struct fixture *f = *state;
	char text[64] = "";
	use_tls(f, cert_pem, key_pem);
	rig_start(&f->rig);
	int fd = rig_connect(&f->rig);
	client_send(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(recv(fd, text, sizeof text - 1, 0) <= 7); /* an alert at most */
	assert_null(strstr(text, "HTTP"));
	close(fd);
	rig_stop(&f->rig);
}

struct tls_row {
	const char *name, *cert, *key, *says;
};

static const struct tls_row tls_rows[] = {
	{"an empty certificate", "", key_pem, "http.tls.cert: "},
	{"an empty key", cert_pem, "", "http.tls.key: "},
	{"a key that is none", cert_pem, "no key\n", "no PEM certificate with its own key: "},
	{"a certificate that is none", "no certificate\n", key_pem, "no PEM certificate with its own key: "},
};
enum { TLS_ROWS = sizeof tls_rows / sizeof *tls_rows };

static void test_bad_files(void **state)
{
	struct err e;
	for (size_t i = 0; i < TLS_ROWS; i++) {
		struct fixture *f = *state;
		e = (struct err){.code = ERR_NONE};
		use_tls(f, tls_rows[i].cert, tls_rows[i].key);
		print_message("%s\n", tls_rows[i].name);
		assert_null(http_new(&f->rig.config, &f->rig.source, &e));
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.msg, tls_rows[i].says));
		assert_true(strlen(e.msg) > strlen(tls_rows[i].says));
	}
}

static void test_a_missing_file_is_named(void **state)
{
	struct fixture *f = *state;
	struct err e = {.code = ERR_NONE};
	use_tls(f, cert_pem, key_pem);
	unlink(f->other);
	assert_null(http_new(&f->rig.config, &f->rig.source, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	assert_non_null(strstr(e.msg, "http.tls.key: "));
	assert_non_null(strstr(e.msg, f->other));
}

/* No writer ever comes: what cannot be read at once is refused, not waited for. */
static void test_a_fifo_is_no_certificate(void **state)
{
	struct fixture *f = *state;
	struct err e = {.code = ERR_NONE};
	use_tls(f, cert_pem, key_pem);
	unlink(f->other);
	assert_int_equal(mkfifo(f->other, 0600), 0);
	alarm(20);
	assert_null(http_new(&f->rig.config, &f->rig.source, &e));
	alarm(0);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_non_null(strstr(e.msg, "http.tls.key: "));
	assert_non_null(strstr(e.msg, f->other));
	assert_non_null(strstr(e.msg, "is a pipe"));
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(test_whole_file),
		WITH_FILES(test_validators_and_ranges),
		WITH_FILES(test_the_file_may_be_replaced_between_requests),
		WITH_FILES(test_a_large_file_comes_whole_and_is_counted),
		WITH_FILES(test_raw_bytes_have_their_type),
		WITH_FILES(test_no_file_yet),
		WITH_FILES(test_a_fifo_does_not_hold_the_loop),
		WITH_FILES(test_a_file_that_changes_before_its_readers_is_not_served),
		WITH_FILES(test_nobody_opens_a_file_on_a_disk_that_hangs),
		WITH_FILES(test_switched_off),
		WITH_FILES(test_tls_answers_a_hello),
		WITH_FILES(test_tls_does_not_answer_plain_http),
		WITH_FILES(test_bad_files),
		WITH_FILES(test_a_missing_file_is_named),
		WITH_FILES(test_a_fifo_is_no_certificate),
	};
	return cmocka_run_group_tests_name("numbers and TLS", tests, NULL, NULL);
}
