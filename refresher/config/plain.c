#include "config/plain.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The code point of the character of len bytes at p. */
static uint32_t decode(const char *p, size_t len)
{
	uint32_t code = (unsigned char)p[0] & (len == 1 ? 0x7Fu : 0x7Fu >> len);
	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)p[i] & 0x3Fu);
	return code;
}

/* NULL: printable. */
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

bool plain_is_printable(const char *text)
{
	for (size_t len; *text; text += len) {
		len = utf8_len(text);
		if (len == 0 || wrong_with(decode(text, len)))
			return false;
	}
	return true;
}

void plain_make_printable(char *text)
{
	for (size_t len; *text; text += len) {
		len = utf8_len(text);
		bool wrong = len == 0 || wrong_with(decode(text, len));
		len = len ? len : 1;
		if (wrong)
			memset(text, '?', len);
	}
}

/* TAB, LF, and CR before LF: the control characters that belong into a text. */
static bool is_layout(const char *p)
{
	return *p == '\t' || *p == '\n' || (*p == '\r' && p[1] == '\n');
}

bool plain_next(struct plain *p, struct plain_fault *f)
{
	while (p->at < p->len) {
		char *here = p->text + p->at;
		size_t len = utf8_len(here);
		uint32_t code = len ? decode(here, len) : 0;
		const char *wrong = len == 0 || is_layout(here) ? NULL : wrong_with(code);
		*f = (struct plain_fault){.line = p->line, .column = p->column};

		/* The walk goes on behind this character before it is told. */
		p->column = *here == '\n' ? 1 : p->column + 1;
		p->line += *here == '\n';
		p->at += len ? len : 1;
		if (len > 0 && !wrong)
			continue;
		if (len == 0)
			snprintf(f->what, sizeof f->what, "the byte 0x%02X is not UTF-8", (unsigned char)*here);
		else
			snprintf(f->what, sizeof f->what, "U+%04" PRIX32 " is %s", code, wrong);
		memset(here, '_', len ? len : 1);
		return true;
	}
	return false;
}
