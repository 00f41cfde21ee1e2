#include "cli/options.h"

#include "config/near.h"

#include <string.h>

static const struct option_row options[] = {
	{'c', "config", "FILE", OPTION_CONFIG, .help = "read this YAML configuration"},
	{'n', "check-config", NULL, OPTION_ACTION, .action = CLI_CHECK_CONFIG,
	 .help = "check everything, print the effective configuration\nas YAML, exit"},
	{'s', "source", "NAME", OPTION_KEY, "source.kind", .help = "auto (default), device, cpu, kernel, replay"},
	{'d', "device", "PATH", OPTION_KEY, "source.device",
	 .help = "the character device (default: /host_dev/hwrng where\nit exists, else /dev/hwrng)"},
	{'f', "format", "NAME", OPTION_KEY, "numbers.format",
	 .help = "int32 (default), uint32, uint64, range, float64, hex,\nbase64, uuid, binary, runner"},
	{'l', "listen", "ADDR:PORT", OPTION_KEY, "http.listen",
	 .help = "HTTP address, :PORT for all addresses,\nnone to switch it off (default: 127.0.0.1:8080)"},
	{0, "set", "KEY=VALUE", OPTION_SET, .help = "set any key of the configuration; may repeat"},
	{0, "log-format", "NAME", OPTION_KEY, "log.format", .help = "logfmt (default) or json, to standard error"},
	{'v', NULL, NULL, OPTION_FIXED, "log.level", "debug", .help = "log more"},
	{'q', NULL, NULL, OPTION_QUIET, "log.level", .help = "log warnings and errors only; twice: errors only"},
	{0, "seed", NULL, OPTION_SEED, .help = "refused: the numbers are never predictable"},
	{'V', "version", NULL, OPTION_ACTION, .action = CLI_VERSION, .help = "print the version, exit"},
	{'h', "help", NULL, OPTION_ACTION, .action = CLI_HELP, .help = "print this text, exit"},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

static const struct operand operands[OPERANDS] = {
	{"FILE", "output.file", "where the numbers go (default: /numbers.txt);\n- is standard output"},
	{"COUNT", "numbers.count", "how many numbers, 1 to 1000000000 (default: 10000)"},
	{"SECONDS", "refresh.interval",
	 "write again every so often, 0.001 to 86400;\n0 or missing: write once and exit"},
};

const struct option_row *option_at(size_t i)
{
	return i < OPTIONS ? &options[i] : NULL;
}

const struct operand *operand_at(size_t i)
{
	return i < OPERANDS ? &operands[i] : NULL;
}

const struct option_row *option_by_letter(char letter)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (letter && options[i].letter == letter)
			return &options[i];
	}
	return NULL;
}

const struct option_row *option_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const char *have = options[i].name;
		if (have && strlen(have) == len && memcmp(have, name, len) == 0)
			return &options[i];
	}
	return NULL;
}

const char *option_nearest(const char *name)
{
	struct near best = near_init(name);
	for (size_t i = 0; i < OPTIONS; i++) {
		if (options[i].name)
			near_offer(&best, options[i].name);
	}
	return best.found;
}
