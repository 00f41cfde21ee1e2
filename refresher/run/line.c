#include "run/line.h"

#include <inttypes.h>

/* How far, and the time that is left if the rest goes as fast as what is done. */
static void progress(struct text *t, uint64_t done, uint64_t of, const char *what, int64_t took_ns)
{
	text_fmt(t, ", %" PRIu64 " of %" PRIu64 " %s", done, of, what);
	if (done > 0 && done < of)
		text_fmt(t, ", %s left",
			 text_span((int64_t)((double)took_ns / (double)done * (double)(of - done))).text);
}

void line_render(struct text *t, const struct status *s)
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
