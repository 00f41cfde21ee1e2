/* append.h - generations one after another, as the old program wrote them; with rotation.
 *
 * Per generation: write lock on the whole file (the old program locked each line), append, fsync, unlock. When the file
 * would grow beyond max_bytes it is first renamed to FILE.1, over the one before. A generation is never split. How long
 * it will be is not known when it begins: the one before is the measure, so the first after a start, or a longer one
 * after a reload, may exceed the limit once. A failure cuts the file back to where the generation began; a crash in the
 * middle leaves a part of it. */
#ifndef REFRESHER_SINK_APPEND_H
#define REFRESHER_SINK_APPEND_H

#include "sink/ops.h"

extern const struct sink_ops sink_append_ops;

/* Does a file of `size` bytes have to go before about `expected` more come? max_bytes 0: never. Pure. */
bool append_is_full(uint64_t size, uint64_t expected, uint64_t max_bytes);

#endif
