/* A listening address is refused with what is allowed, or names a socket address that prints as an equal text. */
#include "fuzz.h"

#include "serve/listen.h"

#include <arpa/inet.h>

static void check_address(const char *text, const struct listen_address *a)
{
	char host[INET6_ADDRSTRLEN], printed[INET6_ADDRSTRLEN + 16];
	struct listen_address again;
	struct err e = {0};
	bool v6 = a->u.any.sa_family == AF_INET6;

	FUZZ_CHECK(v6 || a->u.any.sa_family == AF_INET, "%s", text);
	FUZZ_CHECK(a->len == (v6 ? sizeof a->u.v6 : sizeof a->u.v4), "%s", text);
	FUZZ_CHECK(strtoul(strrchr(text, ':') + 1, NULL, 10) == ntohs(v6 ? a->u.v6.sin6_port : a->u.v4.sin_port), "%s",
		   text);
	inet_ntop(a->u.any.sa_family, v6 ? (const void *)&a->u.v6.sin6_addr : &a->u.v4.sin_addr, host, sizeof host);
	snprintf(printed, sizeof printed, v6 ? "[%s]:%u" : "%s:%u", host,
		 ntohs(v6 ? a->u.v6.sin6_port : a->u.v4.sin_port));
	FUZZ_CHECK(listen_parse(printed, &again, &e) == 0, "%s -> %s: %s", text, printed, e.msg);
	FUZZ_CHECK(memcmp(&again, a, sizeof again) == 0, "%s -> %s", text, printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	struct listen_address a;
	struct err e = {0};
	char *text = fuzz_line(&in);

	if (listen_parse(text, &a, &e) == 0) {
		check_address(text, &a);
		FUZZ_CHECK(listen_check(text, &e) == 0, "%s", text);
	} else {
		FUZZ_CHECK(e.code == ERR_CONFIG && e.msg[0], "%s: code %d", text, (int)e.code);
		FUZZ_CHECK((listen_check(text, &e) == 0) == (strcmp(text, "none") == 0), "%s", text);
	}
	free(text);
	return 0;
}
