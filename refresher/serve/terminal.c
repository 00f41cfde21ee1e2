#include "serve/terminal.h"

#include "base/io.h"
#include "base/log.h"

#include <inttypes.h>
#include <unistd.h>

enum { LINE_MS = 1000, NS_PER_MS = 1000000 };

/* How far, and the time that is left if the rest goes as fast as what is done. */
static void progress(struct text *t, uint64_t done, uint64_t of, const char *what, int64_t took_ns)
{
	text_fmt(t, ", %" PRIu64 " of %" PRIu64 " %s", done, of, what);
	if (done > 0 && done < of)
		text_fmt(t, ", %s left",
			 text_span((int64_t)((double)took_ns / (double)done * (double)(of - done))).text);
}

void terminal_line(struct text *t, const struct status *s)
{
	const struct health_counts *h = &s->health;
	const struct refresh_counts *r = &s->refresh;
	text_fmt(t, "refresher: %s", gate_state_names[s->gate.state]);

	/* What is waited for: the source's proof, or a refresh of many numbers. */
	if (s->gate.state == GATE_FAILED)
		text_fmt(t, ", next start-up test in %s", text_span(s->gate.retry_at_ns - s->now_ns).text);
	else if (s->gate.state != GATE_OK)
		progress(t, h->startup_done, h->startup_samples, "samples", s->now_ns - s->gate.since_ns);
	else if (r->numbers_made > 0)
		progress(t, r->numbers_made, r->numbers_wanted, "numbers", s->now_ns - r->numbers_since_ns);

	/* What readers have: of an earlier run's file the generation is not known. */
	if (s->output.generation > 0)
		text_fmt(t, ", generation %" PRIu64, s->output.generation);
	if (s->output.published_ns && r->numbers_made == 0)
		text_fmt(t, ", file %s old", text_span(s->now_ns - s->output.published_ns).text);
	text_fmt(t, "; Ctrl-C ends it");
}

/* A short run has none. */
static int64_t next(void)
{
	return io_now_ns(&io_posix) + (int64_t)LINE_MS * NS_PER_MS;
}

void terminal_init(struct terminal *t, const struct http_source *source, bool to_stdout)
{
	*t = (struct terminal){.source = *source};
	if (log_has_line() && !(to_stdout && isatty(STDOUT_FILENO)))
		t->due_ns = next();
}

int terminal_timeout_ms(const struct terminal *t)
{
	return t->due_ns ? LINE_MS : -1;
}

void terminal_show(struct terminal *t)
{
	struct status s;
	struct text line;
	char room[160];
	if (t->due_ns == 0 || io_now_ns(&io_posix) < t->due_ns)
		return;
	t->source.snapshot(t->source.self, false, &s);
	text_init(&line, room, sizeof room);
	terminal_line(&line, &s);
	log_line(room);
	t->due_ns = next();
}

void terminal_end(struct terminal *t, bool is_daemon)
{
	struct status s;
	log_line("");
	if (!is_daemon)
		return;
	t->source.snapshot(t->source.self, false, &s);
	log_info("stopped", log_u64("refreshes", s.refresh.attempts), log_u64("failed", refresh_failures(&s.refresh)),
		 log_u64("numbers", s.output.numbers_written), log_u64("source_failures", s.gate.failures_latched),
		 log_str("after", text_span(s.now_ns - s.daemon.start_ns).text));
}
