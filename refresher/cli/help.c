#include "cli/cli.h"

/* help.txt stands in the program as it is, with a NUL behind it. The assembler looks for it below the folder that the
 * compiler runs in, which is the project's. */
__asm__(".pushsection .rodata\n"
	".global cli_help_text\n"
	"cli_help_text:\n"
	".incbin \"refresher/cli/help.txt\"\n"
	".byte 0\n"
	".popsection\n");
