/* meaning.h - what an assessment may be taken for, by the driver of the generator. Pure. */
#ifndef REFRESHER_ASSESS_CLI_MEANING_H
#define REFRESHER_ASSESS_CLI_MEANING_H

/* driver: rng_current, e.g. "virtio_rng.0"; "" where it is unknown. Whole sentences, one line. */
const char *meaning_of(const char *driver, int is_device);

#endif
