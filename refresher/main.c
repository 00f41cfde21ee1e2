/* main.c - argv -> configuration -> objects -> confinement -> run -> the same list backwards; nothing else. */
#include "base/log.h"
#include "base/signals.h"
#include "cli/cli.h"
#include "config/config.h"
#include "config/evidence.h"
#include "confine/confine.h"
#include "run/run.h"
#include "seed/drbg.h"
#include "serve/ask.h"
#include "serve/http.h"
#include "serve/notify.h"
#include "serve/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct program {
	struct cli cli;
	struct config config;
	struct file_watch watch; /* of the configuration file */
	struct run *run;
	struct http *http;
	struct terminal terminal;
	struct notify notify;
	int exit_code; /* of an end without an error */
};

static bool has_changed(void *self, bool *soon)
{
	/* Without a file there is nothing that could change. One that is gone is logged once; the daemon goes on. */
	struct program *p = self;
	const char *path = p->cli.config_file;
	enum file_change change = path ? file_check(&p->watch, path) : FILE_SAME;
	if (change == FILE_GONE)
		log_warn("the configuration cannot be seen; the one that was read stays", log_str("file", path),
			 log_str("error", strerror((int)p->watch.seen.sys_errno)));
	*soon = change == FILE_SETTLING;
	return change == FILE_CHANGED;
}

static void log_change(const struct config_change *what)
{
	if (what->waits[0])
		log_warn("configuration reloaded; some keys change only with a restart",
			 log_str("changed", what->taken), log_str("restart", what->waits));
	else if (what->taken[0])
		log_info("configuration reloaded", log_str("changed", what->taken));
	else
		log_info("configuration reloaded; nothing changed");
}

/* Puts file and command line together. All that is wrong is logged, a line for each fault; the last one goes to *e, as
 * any other error, with the exit code of the first. title: what is refused; NULL: the start. */
static int configure(struct program *p, struct config *c, const char *title, struct err *e)
{
	/* A file that cannot be opened has no stamp: that of the last reading stays. */
	struct reading r = {.stamp = p->watch.read};
	int rc = cli_config(&p->cli, c, &r);
	p->watch.read = r.stamp;

	/* Each fault is a line of its own, because a person mends all of them at once. */
	for (size_t i = 0; i + 1 < r.count; i++) {
		if (title)
			log_error(title, log_str("error", r.faults[i].e.msg));
		else
			log_error("cannot go on", log_str("error", r.faults[i].e.msg),
				  log_u64("exit", r.faults[0].e.code));
	}
	if (rc < 0) {
		*e = r.faults[r.count - 1].e;
		e->code = r.faults[0].e.code;
	}
	return rc;
}

/* Observers see which configuration is in use; waits: names of the keys that wait for a restart, "" for none. */
static void show_configuration(const struct program *p, const char *waits)
{
	struct config_counts shown = {.restart_wanted = waits[0] != '\0'};
	snprintf(shown.hash, sizeof shown.hash, "%016" PRIx64, config_hash(&p->config));
	snprintf(shown.restart_keys, sizeof shown.restart_keys, "%s", waits);
	run_configured(p->run, &shown);
}

/* A reload reads the file again, and puts the command line over it again. */
static int reload(void *self, bool *rewrite, struct err *e)
{
	struct program *p = self;
	struct config next;
	struct config_change what;
	if (configure(p, &next, "reload refused; the old configuration stays", e) < 0) {
		if (e->code == ERR_NOPERM)
			err_wrap(e, "out of reach of this user, or of Landlock where the directory is a new one, which "
				    "only a restart reads");
		return -1;
	}

	/* Each part of the program gets what it may take over; the rest waits for a restart, and is named. */
	config_reload(&p->config, &next, &what);
	log_change(&what);
	log_setup(p->config.log);
	show_configuration(p, what.waits);
	*rewrite = what.rewrite;
	return 0;
}

/* What is done in each turn of the main loop beside the pipeline, and how long it may wait. */
static void serve(void *self)
{
	struct program *p = self;
	struct status now;
	if (p->http)
		http_run(p->http);
	terminal_show(&p->terminal);
	if (p->notify.fd < 0)
		return;
	run_snapshot(p->run, false, &now);
	notify_tell(&p->notify, &now);
}

/* Of two waits, where -1 is as long as it likes. */
static int shorter(int a_ms, int b_ms)
{
	return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

static int serve_timeout_ms(void *self)
{
	struct program *p = self;
	int http_ms = p->http ? http_timeout_ms(p->http) : -1;
	int notify_ms = notify_timeout_ms(&p->notify, io_now_ns(&io_posix));
	return shorter(http_ms, shorter(notify_ms, terminal_timeout_ms(&p->terminal)));
}

static int open_http(struct program *p, struct err *e)
{
	struct http_source source = {.self = p->run, .snapshot = run_snapshot, .open_numbers = run_open_published};
	terminal_init(&p->terminal, &source, strcmp(p->config.run.output.file, "-") == 0);

	/* The endpoint is there before the first sample is read, so that /startupz can say what is awaited. */
	if (strcmp(p->config.http.listen, "none") == 0)
		return 0;
	p->http = http_new(&p->config.http, &source, e);
	if (p->http) {
		log_info("listening", log_str("address", p->config.http.listen), log_u64("port", http_port(p->http)));
		return 0;
	}

	/* A run that writes once does its work beside a daemon that holds the port. */
	if (p->config.run.interval_seconds > 0)
		return -1;
	log_warn("no HTTP endpoint", log_str("error", e->msg));
	return 0;
}

static int confine(struct program *p, struct err *e)
{
	struct confine_report report;
	struct sink *sink = run_sink(p->run);
	struct confine_needs needs = {.output_dir = sink_view(sink).dir_fd,
				      .output_file = sink_view(sink).path,
				      .probe = sink_probe,
				      .probe_self = sink,
				      .owner = p->config.run.output.uid,
				      .group = p->config.run.output.gid,
				      .serve_output = p->config.http.serve_numbers,
				      .config_file = p->cli.config_file};
	if (confine_enter(&p->config.confine, &needs, &report, e) < 0)
		return -1;

	/* What the user should know of a layer goes into the log; observers see all of them. */
	for (unsigned i = 0; i < report.count; i++)
		if (report.layers[i].warning[0])
			log_warn("confinement", log_str("layer", report.layers[i].name),
				 log_str("warning", report.layers[i].warning));
	run_report(p->run, &report);
	return 0;
}

/* What was asked for; what came of it, and why, is said where it is chosen. Whoever starts a run that writes once knows
 * it, and wants one line where it fails. */
static void say_start(const struct program *p)
{
	const struct run_config *c = &p->config.run;
	char interval[24];
	snprintf(interval, sizeof interval, "%g s", c->interval_seconds);
	bool once = c->interval_seconds <= 0;
	log_at(once ? LOG_DEBUG : LOG_INFO, "starting", log_str("version", REFRESHER_VERSION),
	       log_str("revision", REFRESHER_REVISION), log_str("config", p->cli.config_file),
	       log_str("file", c->output.file), log_u64("numbers", c->numbers.count),
	       log_str("format", numbers_format_names[c->numbers.format]),
	       log_str("interval", once ? "once" : interval));
}

/* The service manager's socket, as long as one can be made. A daemon that cannot reach it does its work all the same.
 */
static void open_notify(struct program *p)
{
	struct err e;
	if (p->config.run.interval_seconds > 0 && notify_open(&p->notify, &e) < 0)
		log_warn("the service manager is not told", log_str("error", e.msg));
}

/* Opens, confines and runs the pipeline; as run_go. */
static int run_pipeline(struct program *p, struct err *e)
{
	/* Everything that needs privilege comes first, then there is less and less of it. */
	log_setup(p->config.log);
	say_start(p);
	p->run = run_open(&p->config.run, &io_posix, e);
	if (!p->run)
		return -1;
	show_configuration(p, "");
	open_notify(p);
	if (open_http(p, e) < 0 || confine(p, e) < 0)
		return -1;

	/* From here on the main thread waits, for the endpoint and for a new configuration too. */
	struct run_service service = {
		.self = p, .fd = p->http ? http_fd(p->http) : -1, .work = serve, .timeout_ms = serve_timeout_ms};
	struct run_reload reloading = {.self = p, .has_changed = has_changed, .load = reload};
	int rc = run_go(p->run, &service, &reloading, e);
	terminal_end(&p->terminal, !run_is_once(&p->config.run));
	return rc;
}

/* A script that saves what is printed must not take a cut text for a whole one. */
static int flush(struct err *e)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_set(e, ERR_IO, errno, "cannot write to standard output%s", errno == EBADF ? ", it is closed" : "");
}

static int print_and_end(struct program *p, struct err *e)
{
	/* From here on a signal ends the program at once, also in a write that waits for its reader. */
	signals_give_back();
	if (p->cli.action == CLI_HELP) {
		fputs(cli_help_text, stdout);
	} else if (p->cli.action == CLI_VERSION) {
		cli_version(stdout, drbg_library_version());
	} else {
		config_print(&p->config, stdout);
		printf("# hash: %016" PRIx64 "\n", config_hash(&p->config));
	}

	return flush(e);
}

static int ask_and_end(struct program *p, struct err *e)
{
	/* A signal ends the program at once, as with everything that is only printed. */
	signals_give_back();
	p->exit_code = ask_status(p->config.http.listen, p->cli.json, stdout, e);
	return p->exit_code < 0 ? -1 : flush(e);
}

/* The first refresh would put numbers in its place. */
static int refuse_own_configuration(const struct program *p, struct err *e)
{
	/* The same file may go by two names, so it is its inode that counts; what is not there yet is no danger. */
	struct stat config, out;
	const char *path = p->cli.config_file, *file = p->config.run.output.file;
	if (!path || strcmp(file, "-") == 0 || stat(path, &config) < 0 || stat(file, &out) < 0)
		return 0;
	if (!S_ISREG(out.st_mode) || config.st_dev != out.st_dev || config.st_ino != out.st_ino)
		return 0;
	return err_set(e, ERR_CONFIG, 0, "output.file: %.128s is the configuration, %.128s; choose another FILE", file,
		       path);
}

/* 0, -1 with *e, or the signal that cut the run off. */
static int perform(struct program *p, int argc, char **argv, struct err *e)
{
	/* What is only printed about the program itself needs no configuration, not even a right one. */
	if (cli_parse(&p->cli, argc, argv, e) < 0)
		return -1;
	if (p->cli.action == CLI_HELP || p->cli.action == CLI_VERSION)
		return print_and_end(p, e);
	if (configure(p, &p->config, NULL, e) < 0)
		return -1;
	if (p->cli.action == CLI_STATUS)
		return ask_and_end(p, e);
	if (refuse_own_configuration(p, e) < 0)
		return -1;

	/* Once, and while all files are still within reach; --check-config looks at it too. */
	struct run_config *run = &p->config.run;
	if (evidence_read(&run->source, time(NULL), &run->assessed, e) < 0)
		return -1;
	return p->cli.action == CLI_RUN ? run_pipeline(p, e) : print_and_end(p, e);
}

/* A parent may have closed them: then the next file opened, perhaps FILE itself, would get the log's descriptor. What
 * is meant for a standard output that is not there must fail (EBADF), not vanish. */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR); /* the lowest free number is fd */
	}
}

int main(int argc, char **argv)
{
	struct program p = {.notify.fd = -1};
	struct err e = {0};

	/* The threads allocate too seldom to stand in each other's way: pages for a heap of each would be idle memory.
	 */
	mallopt(M_ARENA_MAX, 1);

	/* A signal that comes during the start waits until somebody can obey it. */
	signals_take();
	fill_standard_descriptors();
	log_look();
	int rc = perform(&p, argc, argv, &e), status = rc < 0 ? (int)e.code : p.exit_code;
	if (rc < 0)
		log_error("cannot go on", log_str("error", e.msg), log_u64("exit", e.code));

	/* Whoever waits for a run that was cut off must not take it for done. */
	http_free(p.http);
	notify_close(&p.notify);
	bool closed = run_close(p.run);
	if (rc > 0)
		status = signals_end_by(rc);

	/* A thread is held by the kernel: the end of the process is the only way to free it. */
	if (!closed)
		_exit(status);
	return status;
}
