#include "serve/page.h"

/* The file stands in the program as it is, with a NUL behind it. The assembler looks for it below the folder that the
 * compiler runs in, which is the project's. */
__asm__(".pushsection .rodata\n"
	".global page_file\n"
	"page_file:\n"
	".incbin \"refresher/serve/index.html\"\n"
	".byte 0\n"
	".popsection\n");
