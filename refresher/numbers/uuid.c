/* uuid - RFC 9562 section 5.4: 122 random bits, version 4, variant 10. */
#include "numbers/format.h"
#include "numbers/hex.h"

enum { UUID_BYTES = 16, UUID_CHARS = 36 };

static size_t uuid_random_max(const struct numbers_config *c)
{
	(void)c;
	return UUID_BYTES;
}

static size_t uuid_text_max(const struct numbers_config *c)
{
	(void)c;
	return UUID_CHARS + 1;
}

/* 8-4-4-4-12 characters. Byte 6 has the version in its upper half, byte 8 the variant in its upper two bits. */
FORMAT_INLINE void uuid_chars(const uint8_t *rnd, char *out)
{
	uint64_t b = hex_of4((format_load32(rnd + 4) & 0xff0fffffu) | 0x00400000u);
	uint64_t c = hex_of4((format_load32(rnd + 8) & 0xffffff3fu) | 0x00000080u);

	format_store64(out, hex_of4(format_load32(rnd)));
	out[8] = out[13] = out[18] = out[23] = '-';
	format_store32(out + 9, (uint32_t)b);
	format_store32(out + 14, (uint32_t)(b >> 32));
	format_store32(out + 19, (uint32_t)c);
	format_store32(out + 24, (uint32_t)(c >> 32));
	format_store64(out + 28, hex_of4(format_load32(rnd + 12)));
}

void numbers_uuid(const uint8_t rnd[16], char out[37])
{
	uuid_chars(rnd, out);
	out[UUID_CHARS] = '\0';
}

FORMAT_INLINE char *uuid_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	uuid_chars(rnd, out);
	out[UUID_CHARS] = '\n';
	return out + UUID_CHARS + 1;
}

static struct numbers_step uuid_fill(const struct format_job *job)
{
	return format_each(job, UUID_BYTES, UUID_CHARS + 1, uuid_put, NULL);
}

const struct format format_uuid = {"uuid", uuid_random_max, uuid_text_max, uuid_fill};
