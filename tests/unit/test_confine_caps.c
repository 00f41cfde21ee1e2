/* caps.c: what is left after the drop, as the kernel tells it in /proc/self/status. */
#include "rows.h"

#include "confine/caps.h"

#include "confine_child.h"
#include "confine_dirs.h"

#include <linux/securebits.h>
#include <sys/prctl.h>

static unsigned long long set_of(const char *name)
{
	char text[4096], line[32];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	snprintf(line, sizeof line, "\n%s:\t", name);
	const char *at = strstr(text, line);
	return at ? strtoull(at + strlen(line), NULL, 16) : ~0ULL;
}

static bool is_empty(void)
{
	return !set_of("CapEff") && !set_of("CapPrm") && !set_of("CapInh") && !set_of("CapAmb");
}

struct row {
	const char *name;
	bool needs_root;
	int (*body)(void); /* 0, or the number of the step that failed */
};

static int root_loses_all(void)
{
	struct confine_layer l = {0};
	struct err e;
	if (is_empty() || !set_of("CapBnd"))
		return 1;
	caps_bound();
	if (caps_clear(&e) < 0 || caps_verify(&l, &e) < 0)
		return 2;
	if (!is_empty() || set_of("CapBnd") != 0)
		return 3;
	return l.holds && strcmp(l.detail, "none, and none in the bounding set") == 0 ? 0 : 4;
}

static int exec_brings_none_back(void)
{
	struct err e;
	caps_bound();
	if (caps_clear(&e) < 0)
		return 1;
	/* Without the secure bits and the bounding set uid 0 would be given all of them again. */
	execl("/bin/sh", "sh", "-c", "grep -q '^CapEff:.0*$' /proc/self/status", (char *)NULL);
	return 2;
}

static int secure_bits_are_locked(void)
{
	caps_bound();
	int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
	int wanted = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
		     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED | SECBIT_KEEP_CAPS_LOCKED;
	if ((bits & wanted) != wanted)
		return 1;
	return prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) < 0 ? 0 : 2;
}

static int leftovers_are_found(void)
{
	struct confine_layer l = {0};
	struct err e = {0};
	if (caps_verify(&l, &e) == 0 || e.code != ERR_SOFTWARE || l.holds)
		return 1;
	return 0;
}

static int bounding_set_is_told(void)
{
	struct confine_layer l = {0};
	struct err e;
	if (setresuid(1000, 1000, 1000) < 0) /* takes CAP_SETPCAP away */
		return 1;
	caps_bound();
	if (caps_clear(&e) < 0 || caps_verify(&l, &e) < 0)
		return 2;
	return l.holds && strstr(l.detail, "the bounding set keeps") && set_of("CapBnd") != 0 ? 0 : 3;
}

static int ordinary_user(void)
{
	struct confine_layer l = {0};
	struct err e;
	caps_bound();
	return caps_clear(&e) == 0 && caps_verify(&l, &e) == 0 && l.holds && is_empty() ? 0 : 1;
}

static const struct row rows[] = {
	{"root loses every capability, and the bounding set", true, root_loses_all},
	{"an exec by uid 0 brings none back", true, exec_brings_none_back},
	{"the secure bits are set and locked", true, secure_bits_are_locked},
	{"a capability that is left is found", true, leftovers_are_found},
	{"a bounding set that cannot be emptied is told", true, bounding_set_is_told},
	{"whoever has none ends with none", false, ordinary_user},
};

static int run_row(const void *arg)
{
	return ((const struct row *)arg)->body();
}

static void test_row(void **state)
{
	const struct row *r = *state;
	if (r->needs_root && geteuid() != 0)
		skip_since("needs root");
	assert_int_equal(in_child(run_row, r), 0);
}

int main(void)
{
	return ROWS_RUN("confine caps", test_row, rows);
}
