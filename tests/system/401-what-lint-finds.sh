# tests/lint: files that need one another in a circle, and readers of struct status, are found in a small tree, and only they.
. "$TESTS/system/lib.sh"
mkdir -p tree/a tree/b
printf '#include "a/types.h"\n#include "b/up.h"\n' >tree/a/own.c # its own header and below: no circle
printf '#include "a/types.h"\n' >tree/a/own.h
printf 'struct t;\n' >tree/a/types.h
printf '#include "a/types.h"\n#include <a/own.h>\n' >tree/b/up.h
[ -z "$(python3 -B "$TESTS/lint/circles.py" tree)" ] || fail 'a circle where there is none'
printf '#include "b/up.h"\n#include "b/middle.h"\n' >tree/b/up.c
printf '#include "a/own.h"\n' >tree/b/middle.h
[ "$(python3 -B "$TESTS/lint/circles.py" tree)" = 'a/own -> b/up -> b/middle -> a/own' ] || fail 'the circle was not found'

cat >status.c <<'END'
static void shows(struct status *out)
{
	render(out, other.out->x);
	if (out->generation > 0)
		decide();
}
static void other(void)
{
	struct stat out;
	out.st_mode = 1;
	struct status s;
	decide(s.generation, my_s.generation);
}
END
[ "$(awk -f "$TESTS/lint/status_readers.awk" status.c | cut -d: -f2 | xargs)" = '4 12' ] || fail 'readers of struct status'
