#include "config/plain.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The code point of the character of len bytes at p. */
static uint32_t decode(const char *p, size_t len)
{
	/* The first byte holds fewer bits of the code point the longer the character is, each other byte six. */
	uint32_t code = (unsigned char)p[0] & (len == 1 ? 0x7Fu : 0x7Fu >> len);
	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)p[i] & 0x3Fu);
	return code;
}

/* Why an editor and a reader may see different texts where this character stands; NULL: it is printable. */
static const char *wrong_with(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7F && code < 0xA0))
		return "a control character";
	if (code == 0x2028 || code == 0x2029)
		return "a separator that not every reader takes for one";
	if (code == 0xFEFF)
		return "a byte order mark that is not at the start";
	return code == 0xFFFE || code == 0xFFFF ? "no character" : NULL;
}

size_t plain_check(const char *text, char fault[PLAIN_FAULT_MAX])
{
	/* A byte that begins no character stands for itself, and the next one may begin one again. */
	fault[0] = '\0';
	size_t len = utf8_len(text);
	if (len == 0) {
		snprintf(fault, PLAIN_FAULT_MAX, "the byte 0x%02X is not UTF-8", (unsigned char)*text);
		return 1;
	}

	/* What cannot be shown is named by its number. */
	uint32_t code = decode(text, len);
	const char *wrong = wrong_with(code);
	if (wrong)
		snprintf(fault, PLAIN_FAULT_MAX, "U+%04" PRIX32 " is %s", code, wrong);
	return len;
}

bool plain_is_printable(const char *text)
{
	char fault[PLAIN_FAULT_MAX] = "";
	while (*text && !fault[0])
		text += plain_check(text, fault);
	return !fault[0];
}

void plain_make_printable(char *text)
{
	/* As many '?' as the character had bytes, so that the text keeps its length. */
	for (size_t len; *text; text += len) {
		char fault[PLAIN_FAULT_MAX];
		len = plain_check(text, fault);
		if (fault[0])
			memset(text, '?', len);
	}
}
