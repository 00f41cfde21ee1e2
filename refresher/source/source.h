/* source.h - the noise source interface: where samples come from.
 *
 * A noise source hands out samples (SP 800-90B 2.2.1) as bytes: one sample a byte, whatever sample_bits is. Kinds:
 * the kernel's character device (device.h), the CPU (cpu.h), getrandom(2) (kernel.c), a recorded file or FIFO
 * (replay.c). source_open picks one by configuration. The object is opened by the main thread before it gives up its
 * privileges and then belongs to the collector thread alone; only read blocks, for ever if the device does. */
#ifndef REFRESHER_SOURCE_SOURCE_H
#define REFRESHER_SOURCE_SOURCE_H

#include "base/err.h"
#include "base/histogram.h"
#include "base/io.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kinds of source: a constant, and the name that people write, which is also that of the file and of its function
 * NAME_open (below). The first is the default. */
#define SOURCE_KIND_LIST(KIND)                                                                                         \
	KIND(SOURCE_AUTO, auto)                                                                                        \
	KIND(SOURCE_DEVICE, device)                                                                                    \
	KIND(SOURCE_CPU, cpu)                                                                                          \
	KIND(SOURCE_KERNEL, kernel)                                                                                    \
	KIND(SOURCE_REPLAY, replay)

#define SOURCE_CONSTANT(constant, name) constant,
enum source_kind { SOURCE_KIND_LIST(SOURCE_CONSTANT) SOURCE_KINDS };
extern const char *const source_kind_names[]; /* by enum source_kind: "auto", ...; NULL behind the last */

enum { SOURCE_PATH_MAX = 4096, SOURCE_DRIVER_MAX = 64 };

struct source_config {
	enum source_kind kind;                  /* default auto */
	char device[SOURCE_PATH_MAX];           /* "" = /host_dev/hwrng where it exists, else /dev/hwrng */
	char path[SOURCE_PATH_MAX];             /* replay: the file or FIFO */
	double min_entropy;                     /* H, bits per sample, 0.1 ... sample_bits; default 4 */
	char min_entropy_file[SOURCE_PATH_MAX]; /* what an assessment found (assessed.h), "" = none */
	unsigned sample_bits;   /* 8 (default), or 1: only the lowest bit of each byte counts, a sample is 0 or 1 */
	double timeout_seconds; /* longest wait for one read, and for the samples of one reseed; default 10 */
	double startup_timeout_seconds; /* longest wait of the first refresh for its seed; default 300 */
	unsigned pool_samples;          /* bound of the pool; default 1024 */
};

/* Why a read or an open failed: the fixed label set of source_read_errors_total{cause}. */
enum source_cause {
	SOURCE_FINE,
	SOURCE_MISSING,     /* ENOENT: no such file */
	SOURCE_WRONG_TYPE,  /* not a character device, or a directory */
	SOURCE_CGROUP,      /* EPERM: the device cgroup */
	SOURCE_MODE,        /* EACCES: mode, owner, mount or security module */
	SOURCE_NO_DRIVER,   /* ENODEV: the node exists, no generator is bound to it */
	SOURCE_IO,          /* EIO and every errno not named here */
	SOURCE_END,         /* end of data: a replayed file is used up, or the FIFO's writer left */
	SOURCE_TIMEOUT,     /* stuck or too slow; found by the observer of the collector, never by read itself */
	SOURCE_UNSUPPORTED, /* the CPU has no RDSEED/RNDR, or it kept failing */
	SOURCE_CAUSES
};
extern const char *const source_cause_names[SOURCE_CAUSES]; /* "missing", "cgroup", ... : the metric's label */

/* Which source it is, for observers. Owner: the main thread. */
struct source_identity {
	enum source_kind kind;
	char name[256];                 /* path or instruction */
	char driver[SOURCE_DRIVER_MAX]; /* rng_current; "" where unknown */
	char why[256];                  /* auto: why the earlier ones were passed over; "" */
	double kernel_quality_ratio;    /* rng_quality / 1024; negative: unknown */
	double h_per_sample;
	unsigned sample_bits;
	double assessed_entropy_ratio; /* H / sample_bits */
};

/* What its reads gave, for observers. Moments are nanoseconds of struct io's clock. Owner: who reads it. */
struct source_counts {
	bool up;                 /* the last read gave samples, and none was noticed since that is overdue */
	char error[256];         /* why not; "" while up */
	int64_t read_began_ns;   /* of the read that is under way now; 0: none (resting) */
	int64_t read_overdue_ns; /* a read under way longer than this counts as stuck: source.timeout */
	int64_t last_read_ns;    /* the end of the last read that gave samples; 0: none did */
	int64_t watch_ns;        /* health.watch_interval: no look at the source is older than two of these */
	uint64_t read_bytes;
	uint64_t read_errors[SOURCE_CAUSES]; /* SOURCE_FINE stays 0 */
	struct histogram read_seconds;
};

struct source_ops {
	/* Puts 1 ... cap samples into buf and returns their number; short counts are normal, EINTR and EAGAIN are
	 * handled inside (EAGAIN is paced by the clock: /dev/hwrng has no poll operation). -1: *e and *cause are
	 * filled; the caller may try again later, the object stays usable. Blocks as long as the device does. */
	ssize_t (*read)(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e);
	/* What is known of the present driver, into *i; quick, from any thread. NULL: nothing is. */
	void (*describe)(const void *self, struct source_identity *i);
	void (*free)(void *self); /* NULL: there is nothing to free */
};

struct source {
	const struct source_ops *ops;
	void *self;
	enum source_kind kind; /* never SOURCE_AUTO */
	const char *name;      /* the path, or "rdseed", "rndr", "getrandom"; lives as long as the source */
	char why[800];         /* auto: why the earlier ones were passed over, one line; "" */
	double h_per_sample;   /* as the configuration has them; the first may be less by evidence (assessed.h) */
	unsigned sample_bits;
};

/* Opens what the configuration says. `auto` tries device, CPU, kernel in this order and takes the first that opens and
 * yields a sample within the timeout (device_probe in device.h: call before any thread exists); s->why is for the user
 * then. The paths of the configuration must outlive the source. 0, or -1 with *e (code 69 or 77, the remedy in the
 * text). */
typedef int source_open_function(struct source *s, const struct source_config *c, const struct io *io, struct err *e);
source_open_function source_open;
void source_close(struct source *s); /* inert objects and NULL ops are accepted */

/* Each kind has such a function, of the same contract: device_open and so on. */
#define SOURCE_DECLARATION(constant, name) source_open_function name##_open;
SOURCE_KIND_LIST(SOURCE_DECLARATION)

/* Which source it is now: the administrator may bind another driver. Any thread. */
void source_identify(const struct source *s, struct source_identity *i);

#endif
