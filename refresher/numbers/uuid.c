/* uuid - RFC 9562 section 5.4: 122 random bits, version 4, variant 10. */
#include "numbers/format.h"
#include "numbers/hex.h"
#include "numbers/numbers.h"

enum { UUID_BYTES = 16, UUID_CHARS = 36 };

FORMAT_INLINE char *uuid_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;

	/* Byte 6 has the version in its upper half, byte 8 the variant in its upper two bits. */
	uint64_t a = hex_of4(format_load32(rnd));
	uint64_t b = hex_of4((format_load32(rnd + 4) & 0xff0fffffu) | 0x00400000u);
	uint64_t c = hex_of4((format_load32(rnd + 8) & 0xffffff3fu) | 0x00000080u);
	uint64_t d = hex_of4(format_load32(rnd + 12));

	/* 8-4-4-4-12 characters. */
	format_store64(out, a);
	out[8] = out[13] = out[18] = out[23] = '-';
	format_store32(out + 9, (uint32_t)b);
	format_store32(out + 14, (uint32_t)(b >> 32));
	format_store32(out + 19, (uint32_t)c);
	format_store32(out + 24, (uint32_t)(c >> 32));
	format_store64(out + 28, d);
	return out + UUID_CHARS;
}

void numbers_uuid(const uint8_t rnd[16], char out[37])
{
	*uuid_put(NULL, rnd, out) = '\0';
}

FORMAT_OF(uuid, UUID_BYTES, UUID_CHARS + 1);
