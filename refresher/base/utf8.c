#include "base/utf8.h"

/* Overlong forms and surrogates are told by the second byte, as in table 3-7 of the Unicode standard. */
size_t utf8_len(const char *s)
{
	unsigned char a = (unsigned char)s[0], b = a ? (unsigned char)s[1] : 0;
	size_t n = a < 0x80 ? 1 : a < 0xc2 ? 0 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : a < 0xf5 ? 4 : 0;
	if (n < 2)
		return n;

	/* E0 and F0 begin an overlong form before A0 and 90, ED a surrogate from A0 on, F4 what lies above U+10FFFF. */
	if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f))
		return 0;

	/* All that follow have the bits 10 in front; the NUL at the end of a string does not. */
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}
