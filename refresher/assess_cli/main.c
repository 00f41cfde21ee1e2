/* main.c - refresher-assess: argv -> samples -> assessment -> table or JSON, and a picture; nothing else. */
#include "assess_cli/assessment.h"
#include "assess_cli/input.h"
#include "assess_cli/options.h"
#include "assess_cli/progress.h"
#include "assess_cli/publish.h"
#include "assess_cli/report.h"

#include <errno.h>
#include <stdlib.h>

static int flush(struct err *e)
{
	/* A script that saves what is printed must not take a cut text for a whole one. */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_set(e, ERR_IO, errno, "cannot write to standard output");
}

static void json(const struct assessment *a, FILE *out)
{
	report_json(a, REFRESHER_VERSION, out);
}

/* What a report writes becomes a file, as a whole; path NULL: it is not wanted. */
static int put(const struct assessment *a, const char *option, const char *path,
	       void (*report)(const struct assessment *, FILE *), struct err *e)
{
	char *text = NULL;
	size_t length = 0;
	if (!path)
		return 0;
	FILE *f = open_memstream(&text, &length);
	if (!f)
		return err_set(e, ERR_OS, errno, "%s", option);

	/* A report that found no memory is none. */
	report(a, f);
	int rc = ferror(f) ? -1 : 0;
	if (fclose(f) != 0 || rc < 0)
		rc = err_set(e, ERR_OS, ENOMEM, "its text");
	else
		rc = publish_file(path, text, length, e);
	free(text);
	return rc < 0 ? err_wrap(e, "%s", option) : 0;
}

static int print(const struct assessment *a, struct err *e)
{
	/* The files come first: a reader of a pipe may have left. */
	const struct options *o = a->options;
	if (put(a, "--output", o->output, json, e) < 0 || put(a, "--svg", o->svg, report_svg, e) < 0)
		return -1;
	(o->json ? json : report_table)(a, stdout);
	return flush(e);
}

/* A slow device is not read for minutes in vain. */
static int check_places(const struct options *o, struct err *e)
{
	if (o->output && publish_possible(o->output, e) < 0)
		return err_wrap(e, "--output");
	if (o->svg && publish_possible(o->svg, e) < 0)
		return err_wrap(e, "--svg");
	return 0;
}

/* 0, 1 where the samples are not good enough, or -1 with *e. */
static int assess(const struct options *o, struct err *e)
{
	struct assessment a = {.blocks = NULL};
	struct input in = {.samples = NULL};
	struct progress *p = check_places(o, e) < 0 ? NULL : progress_new(e);
	if (!p)
		return -1;

	/* The bar is gone before anything is printed. */
	int rc = input_read(&in, o, p, e);
	if (rc == 0)
		rc = assessment_run(&a, o, &in, p, e);
	progress_free(p);
	if (rc == 0)
		rc = print(&a, e);
	if (rc == 0)
		rc = !a.assessed || a.h < o->require;
	assessment_free(&a);
	input_free(&in);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o;
	struct err e = {0};
	int rc = options_parse(&o, argc, argv, &e);

	if (rc == 0 && o.action == OPTIONS_HELP)
		options_help(stdout);
	else if (rc == 0 && o.action == OPTIONS_VERSION)
		printf("refresher-assess %s, revision %s\nApache License 2.0\n", REFRESHER_VERSION, REFRESHER_REVISION);
	else if (rc == 0)
		rc = assess(&o, &e);
	if (rc == 0 && o.action != OPTIONS_ASSESS)
		rc = flush(&e);

	/* One line says what is wrong and what helps. */
	if (rc >= 0)
		return rc;
	fprintf(stderr, "refresher-assess: %s\n", e.msg);
	return (int)e.code;
}
