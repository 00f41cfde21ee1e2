#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>

void number_put(double v, char *out, size_t cap)
{
	/* 17 digits tell every double from its neighbours, but would show 0.1 as 0.10000000000000001. So fewer are
	 * tried first, and the text is read back. */
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(out, cap, "%.*g", precision, v);
		if (strtod(out, NULL) == v)
			return;
	}
}
