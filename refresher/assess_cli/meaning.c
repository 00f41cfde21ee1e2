#include "assess_cli/meaning.h"

#include <stddef.h>
#include <string.h>

#define NOTHING_WRONG "so the figure only says that nothing is wrong with them, and nothing about the noise source."

/* What the driver's name begins with. */
static const struct {
	const char *name, *meaning;
} drivers[] = {
	{"virtio_rng", "virtio-rng hands out conditioned bytes of the host, " NOTHING_WRONG},
	{"tpm-rng", "A TPM hands out the output of its own DRBG, " NOTHING_WRONG},
	{"rdseed", "RDSEED hands out conditioned bytes, " NOTHING_WRONG},
	{"rdrand", "RDRAND hands out the output of a DRBG, " NOTHING_WRONG},
	{"trng", "Many drivers of that name hand out conditioned bytes; then the figure only says that nothing is "
		 "wrong. If the "
		 "data sheet calls them raw, it is evidence for source.min_entropy."},
	{"optee-rng",
	 "The secure world hands out bytes that it may have conditioned; then the figure only says that nothing is "
	 "wrong."},
	{"none", "No generator is bound to the device."},
};

const char *meaning_of(const char *driver, int is_device)
{
	for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
		if (strncmp(driver, drivers[i].name, strlen(drivers[i].name)) == 0)
			return drivers[i].meaning;

	/* Of an unknown generator, and of a file, only its maker knows. */
	if (is_device)
		return "If the generator hands out raw samples, the figure is evidence for source.min_entropy; if it "
		       "conditions "
		       "them (its data sheet says so), the figure only says that nothing is wrong.";
	return "If these are raw samples of the noise source, the figure is evidence for source.min_entropy; of "
	       "conditioned "
	       "bytes it only says that nothing is wrong.";
}
