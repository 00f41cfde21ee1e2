#include "status_sample.h"

#include <stdio.h>

static void sample_identity(struct status *s)
{
	s->now_mono_ns = SECONDS(5000);
	s->now_real_ns = SECONDS(1700001000);
	s->start_mono_ns = SECONDS(4000);
	status_text(s->openssl, sizeof s->openssl, "3.0.17");
	status_text(s->source_kind, sizeof s->source_kind, "device");
	status_text(s->source_name, sizeof s->source_name, "/dev/hwrng");
	status_text(s->source_driver, sizeof s->source_driver, "virtio_rng.0");
	s->kernel_quality_ratio = 1;
	s->assessed_entropy_ratio = 0.5;
	s->h_per_sample = 4;
	s->sample_bits = 8;
	status_text(s->drbg, sizeof s->drbg, "CTR-DRBG");
	status_text(s->file, sizeof s->file, "/numbers.txt");
	status_text(s->format, sizeof s->format, "int32");
	status_text(s->write_mode, sizeof s->write_mode, "replace");
	s->layer_count = 2;
	status_text(s->layers[0].name, sizeof s->layers[0].name, "landlock");
	status_text(s->layers[0].detail, sizeof s->layers[0].detail, "kernel too old");
	status_text(s->layers[1].name, sizeof s->layers[1].name, "seccomp");
	s->layers[1].holds = true;
}

static void sample_source(struct status *s)
{
	s->source_up = true;
	s->read_overdue_ns = SECONDS(5);
	s->read_bytes = 123456;
	s->read_errors[CAUSE_IO] = 3;
	histogram_add(&s->read_seconds, status_read_bounds, STATUS_READ_BUCKETS, 0.125);
	histogram_add(&s->read_seconds, status_read_bounds, STATUS_READ_BUCKETS, 0.25);
	histogram_add(&s->read_seconds, status_read_bounds, STATUS_READ_BUCKETS, 100);
	s->state = GATE_OK;
	s->state_since_mono_ns = SECONDS(4001);
	s->failures_latched = 2;
	s->startup_done = s->startup_samples = 1024;
	s->tests[TEST_APT] = 240;
	s->failures[TEST_APT][SEVERITY_INTERMITTENT] = 1;
	s->cutoffs[TEST_RCT][SEVERITY_INTERMITTENT] = 9;
	s->cutoffs[TEST_RCT][SEVERITY_PERMANENT] = 16;
	s->cutoffs[TEST_APT][SEVERITY_INTERMITTENT] = 75;
	s->cutoffs[TEST_APT][SEVERITY_PERMANENT] = 102;
	s->peaks[TEST_RCT] = 3;
	s->peaks[TEST_APT] = 11;
	s->pool_level = 512;
	s->pool_capacity = 1024;
}

static void sample_worker(struct status *s)
{
	s->heartbeat_mono_ns = SECONDS(4999);
	status_text(s->worker_stage, sizeof s->worker_stage, "waiting");
	s->stage_since_mono_ns = SECONDS(4990);
	s->drbg_ok = s->sink_ok = s->directory_ok = s->reload_ok = true;
	s->reseeds[RESEED_START] = 1;
	s->reseeds[RESEED_REFRESH] = 33;
	s->last_reseed_mono_ns = SECONDS(4990);
	s->generated_bytes = 1360000;
	s->refreshes = 35;
	s->refresh_failures[STAGE_PUBLISH] = 1;
	histogram_add(&s->refresh_seconds, status_refresh_bounds, STATUS_REFRESH_BUCKETS, 0.0005);
	s->last_refresh_mono_ns = SECONDS(4990);
	s->interval_seconds = 30;
	s->generation = 34;
	s->file_numbers = 10000;
	s->file_bytes = 109123;
	s->numbers_written = 340000;
	s->last_reload_mono_ns = s->start_mono_ns;
}

void status_sample(struct status *s)
{
	*s = (struct status){.source_up = false};
	sample_identity(s);
	sample_source(s);
	sample_worker(s);
	s->cpu_seconds = 1.25;
	s->resident_bytes = 6 << 20;
	s->virtual_bytes = 100 << 20;
	s->open_fds = 12;
	s->max_fds = 1024;
	s->threads = 3;
}
