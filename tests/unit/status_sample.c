#include "status_sample.h"

#include "base/str.h"

#include <stdio.h>

static void sample_identity(struct status *s)
{
	str_copy(s->daemon.host, sizeof s->daemon.host, "refresher-x7k2p");
	str_copy(s->daemon.node, sizeof s->daemon.node, "node-1");
	s->now_ns = SECONDS(5000);
	s->now_wall_ns = SECONDS(1700001000);
	s->daemon.start_ns = SECONDS(4000);
	str_copy(s->daemon.openssl, sizeof s->daemon.openssl, "3.0.17");
	s->noise.kind = SOURCE_DEVICE;
	str_copy(s->noise.name, sizeof s->noise.name, "/dev/hwrng");
	str_copy(s->noise.driver, sizeof s->noise.driver, "virtio_rng.0");
	s->noise.kernel_quality_ratio = 1;
	s->noise.assessed_entropy_ratio = 0.5;
	s->noise.h_per_sample = 4;
	s->noise.sample_bits = 8;
	s->assessed = (struct assessed){.use = ASSESSED_LESS,
					.h_per_sample = 4,
					.entropy_ratio = 0.5,
					.date_unix_seconds = 1700000500,
					.samples = 1000000,
					.driver = "virtio_rng.0",
					.version = "0.2.0"};
	str_copy(s->output.file, sizeof s->output.file, "/numbers.txt");
	str_copy(s->refresh.format, sizeof s->refresh.format, "int32");
	str_copy(s->output.mode, sizeof s->output.mode, "replace");
	s->confine.count = 2;
	str_copy(s->confine.layers[0].name, sizeof s->confine.layers[0].name, "landlock");
	str_copy(s->confine.layers[0].detail, sizeof s->confine.layers[0].detail, "kernel too old");
	str_copy(s->confine.layers[1].name, sizeof s->confine.layers[1].name, "seccomp");
	s->confine.layers[1].holds = true;
}

static void sample_source(struct status *s)
{
	s->source.up = true;
	s->source.read_overdue_ns = SECONDS(5);
	s->source.watch_ns = SECONDS(30);
	s->source.read_bytes = 123456;
	s->source.read_errors[SOURCE_IO] = 3;
	histogram_add(&s->source.read_seconds, 0.125);
	histogram_add(&s->source.read_seconds, 0.25);
	histogram_add(&s->source.read_seconds, 100);
	s->gate.state = GATE_OK;
	s->gate.since_ns = SECONDS(4001);
	s->gate.failures_latched = 2;
	s->health.startup_done = s->health.startup_samples = 1024;
	s->health.tests[HEALTH_APT] = 240;
	s->health.failures[HEALTH_APT][0] = 1;
	s->health.cutoffs[HEALTH_RCT][0] = 9;
	s->health.cutoffs[HEALTH_RCT][1] = 16;
	s->health.cutoffs[HEALTH_APT][0] = 75;
	s->health.cutoffs[HEALTH_APT][1] = 102;
	s->health.peaks[HEALTH_RCT] = 3;
	s->health.peaks[HEALTH_APT] = 11;
	s->pool.level = 512;
	s->pool.capacity = 1024;
}

static void sample_worker(struct status *s)
{
	s->refresh.heartbeat_ns = SECONDS(4999);
	str_copy(s->refresh.activity, sizeof s->refresh.activity, "waiting");
	s->refresh.activity_since_ns = SECONDS(4990);
	s->estimates = (struct running_counts){.spans = 3,
					       .last_ns = SECONDS(4970),
					       .samples = 1234,
					       .ratio = {0.985, 0.947, 0.999},
					       .floor = {0.5, 0.5, 0.5}};
	s->drbg.ok = s->output.ok = s->output.directory_ok = s->daemon.reload_ok = true;
	s->drbg.reseeds[DRBG_START] = 1;
	s->drbg.reseeds[DRBG_REFRESH] = 33;
	s->drbg.last_reseed_ns = SECONDS(4990);
	s->drbg.self_test_ok = true;
	s->drbg.self_tests = 2;
	s->drbg.last_self_test_ns = SECONDS(4980);
	s->drbg.generated_bytes = 1360000;
	s->refresh.attempts = 35;
	s->refresh.failures[REFRESH_PUBLISH] = 1;
	histogram_add(&s->refresh.seconds, 0.0005);
	s->output.published_ns = SECONDS(4990);
	s->refresh.interval_seconds = 30;
	s->output.generation = 34;
	s->output.file_numbers = 10000;
	s->output.file_bytes = 109123;
	s->output.numbers_written = 340000;
	s->daemon.last_reload_ns = s->daemon.start_ns;
	s->config = (struct config_counts){
		.hash = "0123456789abcdef", .restart_wanted = true, .restart_keys = "http.listen"};
}

void status_sample(struct status *s)
{
	*s = (struct status){.now_ns = 0};
	sample_identity(s);
	sample_source(s);
	sample_worker(s);
	s->process.cpu_seconds = 1.25;
	s->process.resident_bytes = 6 << 20;
	s->process.virtual_bytes = 100 << 20;
	s->process.open_fds = 12;
	s->process.max_fds = 1024;
	s->process.threads = 3;
}
