#include "run/counts.h"

const char *refresh_stage_name(unsigned stage)
{
	static const char *const names[REFRESH_STAGES] = {"entropy", "generate", "write", "publish"};
	return names[stage];
}
