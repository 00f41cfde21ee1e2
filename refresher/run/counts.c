#include "run/counts.h"

const char *const refresh_stage_names[REFRESH_STAGES] = {"entropy", "generate", "write", "publish"};
