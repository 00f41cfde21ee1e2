/* main.c - argv -> configuration -> objects -> confinement -> run -> the same list backwards; nothing else. */
#include "base/log.h"
#include "base/signals.h"
#include "cli/cli.h"
#include "config/config.h"
#include "confine/confine.h"
#include "run/run.h"
#include "seed/drbg.h"
#include "serve/http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct program {
	struct cli cli;
	struct config config;
	struct file_watch watch; /* of the configuration file */
	struct run *run;
	struct http *http;
};

static void snapshot(void *self, struct status *out)
{
	struct program *p = self;
	run_snapshot(p->run, out);
}

static void process(void *self, struct process_counts *out)
{
	struct program *p = self;
	run_process(p->run, out);
}

static int open_numbers(void *self, struct stat *st)
{
	struct program *p = self;
	return sink_open_published(run_sink(p->run), st);
}

static void http_work(void *self)
{
	http_run(self);
}

static int http_wait(void *self)
{
	return http_timeout_ms(self);
}

static bool has_changed(void *self, bool *soon)
{
	struct program *p = self;
	const char *path = p->cli.config_file;
	enum file_change news = path ? file_check(&p->watch, path) : FILE_SAME;
	if (news == FILE_GONE)
		log_warn("the configuration cannot be seen; the one that was read stays", log_str("file", path),
			 log_str("error", strerror(p->watch.seen.sys_errno)));
	*soon = news == FILE_SETTLING;
	return news == FILE_CHANGED;
}

static void tell_change(const struct config_change *what)
{
	if (what->waits[0])
		log_warn("configuration reloaded; some keys change only with a restart",
			 log_str("changed", what->taken), log_str("restart", what->waits));
	else if (what->taken[0])
		log_info("configuration reloaded", log_str("changed", what->taken));
	else
		log_info("configuration reloaded; nothing changed");
}

/* Puts file and command line together. All that is wrong is told, a line for each fault; the last one goes to *e, as
 * any other error, with the exit code of the first. title: what is refused; NULL: the start. */
static int configure(struct program *p, struct config *c, const char *title, struct err *e)
{
	struct reading *r = calloc(1, sizeof *r);
	if (!r)
		return err_set(e, ERR_OS, 0, "no memory for the configuration");
	/* A file that cannot be opened has no stamp: that of the last look stays. */
	r->stamp = p->watch.read;
	int rc = cli_config(&p->cli, c, r);
	p->watch.read = r->stamp;
	for (size_t i = 0; i + 1 < r->count; i++) {
		const struct err *fault = &r->faults[i].e;
		if (title)
			log_error(title, log_str("error", fault->msg));
		else
			log_error(fault->msg, log_u64("exit", r->faults[0].e.code));
	}
	if (rc < 0) {
		*e = r->faults[r->count - 1].e;
		e->code = r->faults[0].e.code;
	}
	free(r);
	return rc;
}

/* A reload reads the file again, and puts the command line over it again. */
static int load(void *self, struct run_config *out, bool *rewrite, struct err *e)
{
	struct program *p = self;
	struct {
		struct config next, merged;
		struct config_change what;
	} *c = malloc(sizeof *c);
	if (!c)
		return err_set(e, ERR_OS, 0, "no memory for the new configuration");
	int rc = configure(p, &c->next, "reload refused; the old configuration stays", e);
	if (rc == 0) {
		config_reload(&p->config, &c->next, &c->merged, &c->what);
		tell_change(&c->what);
		p->config = c->merged;
		log_setup(p->config.log);
		*out = p->config.run;
		*rewrite = c->what.rewrite;
	} else if (e->code == ERR_NOPERM) {
		err_wrap(e, "out of reach of this user, or of Landlock where the directory is a new one, which only a "
			    "restart reads");
	}
	free(c);
	return rc;
}

static int open_http(struct program *p, struct err *e)
{
	struct http_source source = {.self = p, .snapshot = snapshot, .process = process, .open_numbers = open_numbers};
	if (strcmp(p->config.http.listen, "none") == 0)
		return 0;
	p->http = http_new(&p->config.http, &source, e);
	if (p->http) {
		log_info("listening", log_str("address", p->config.http.listen), log_u64("port", http_port(p->http)));
		return 0;
	}
	if (p->config.run.interval_seconds > 0)
		return -1;
	/* A run that writes once does its work beside a daemon that holds the port. */
	log_warn("no HTTP endpoint", log_str("error", e->msg));
	*e = (struct err){0};
	return 0;
}

/* Each layer for observers, and what the user should know of it in the log. */
static void report_layers(struct program *p, struct confine_report *report)
{
	for (unsigned i = 0; i < report->count; i++)
		if (report->layers[i].warning[0])
			log_warn(report->layers[i].warning, log_str("layer", report->layers[i].name));
	report->layers[report->count++] = *run_memory_lock(p->run);
	run_report(p->run, report);
}

static int confine(struct program *p, struct err *e)
{
	struct confine_report report;
	struct sink *sink = run_sink(p->run);
	struct confine_needs needs = {.output_dir = sink_dir_fd(sink),
				      .output_file = sink_path(sink),
				      .probe = sink_probe,
				      .probe_self = sink,
				      .owner = p->config.run.output.uid,
				      .group = p->config.run.output.gid,
				      .serve_output = p->config.http.serve_numbers,
				      .config_file = p->cli.config_file};
	if (confine_enter(&p->config.confine, &needs, &report, e) < 0)
		return -1;
	report_layers(p, &report);
	return 0;
}

static int run_program(struct program *p, struct err *e)
{
	struct run_service service = {.self = p->http, .fd = -1, .work = http_work, .timeout_ms = http_wait};
	struct run_reload reload = {.self = p, .has_changed = has_changed, .load = load};
	if (p->http)
		service.fd = http_fd(p->http);
	return run_go(p->run, p->http ? &service : NULL, &reload, e);
}

/* Everything that needs privilege first, then less and less of it. */
static int live(struct program *p, struct err *e)
{
	log_setup(p->config.log);
	p->run = run_open(&p->config.run, &io_posix, e);
	if (!p->run || open_http(p, e) < 0)
		return -1;
	if (confine(p, e) < 0)
		return -1;
	return run_program(p, e); /* also the signal that cut it off */
}

/* A script that saves an answer must not take a cut one for whole. */
static int told(struct err *e)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_set(e, ERR_IO, errno, "cannot write to standard output%s", errno == EBADF ? ", it is closed" : "");
}

/* From here on a signal ends the program at once, also in a write that waits for its reader. */
static int answer(struct program *p, struct err *e)
{
	signals_give_back();
	if (p->cli.action == CLI_HELP)
		cli_help(stdout);
	else if (p->cli.action == CLI_VERSION)
		cli_version(stdout, drbg_library_version());
	else
		config_print(&p->config, stdout);
	return told(e);
}

/* The first refresh would put numbers in its place. */
static int refuse_own_configuration(const struct program *p, struct err *e)
{
	struct stat config, out;
	const char *path = p->cli.config_file, *file = p->config.run.output.file;
	if (!path || strcmp(file, "-") == 0 || stat(path, &config) < 0 || stat(file, &out) < 0)
		return 0;
	if (!S_ISREG(out.st_mode) || config.st_dev != out.st_dev || config.st_ino != out.st_ino)
		return 0;
	return err_set(e, ERR_CONFIG, 0, "output.file: %.128s is the configuration, %.128s; choose another FILE", file,
		       path);
}

static int act(struct program *p, struct err *e)
{
	if (p->cli.action == CLI_HELP || p->cli.action == CLI_VERSION)
		return answer(p, e);
	if (configure(p, &p->config, NULL, e) < 0 || refuse_own_configuration(p, e) < 0)
		return -1;
	return p->cli.action == CLI_RUN ? live(p, e) : answer(p, e);
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
	struct err e = {0};
	int status = 0;
	signals_take();
	fill_standard_descriptors();
	struct program *p = calloc(1, sizeof *p);
	if (!p) {
		log_error("no memory", log_u64("exit", ERR_OS));
		return ERR_OS;
	}
	int rc = cli_parse(&p->cli, argc, argv, &e);
	if (rc == 0)
		rc = act(p, &e);
	if (rc < 0) {
		log_error(e.msg, log_u64("exit", e.code));
		status = (int)e.code;
	}
	http_free(p->http);
	bool closed = run_close(p->run);
	/* Whoever waits for a run that was cut off must not take it for done. */
	if (rc > 0)
		status = signals_end_by(rc);
	if (!closed)
		_exit(status); /* a thread is held by the kernel: the process's end is the only way to free it */
	free(p);
	return status;
}
