#include "assess_cli/json.h"
#include "assess_cli/meaning.h"
#include "assess_cli/report.h"

static void put_mcv(struct json *j, const char *key, const struct estimate_mcv *m)
{
	json_open(j, key, '{');
	json_whole(j, "mode", m->mode);
	json_real(j, "p", m->p);
	json_real(j, "p_u", m->p_u);
	json_real(j, "h", m->h);
	json_close(j, '}');
}

static void put_collision(struct json *j, const struct estimate_collision *c)
{
	json_open(j, "collision", '{');
	json_whole(j, "v", c->v);
	json_whole(j, "sum_t", c->sum_t);
	json_real(j, "mean", c->mean);
	json_real(j, "sigma", c->sigma);
	json_real(j, "mean_lower", c->mean_l);
	json_real(j, "p", c->p);
	json_real(j, "h", c->h);
	json_close(j, '}');
}

static void put_markov(struct json *j, const struct estimate_markov *m)
{
	json_open(j, "markov", '{');
	json_real(j, "p_0", m->p_0);
	json_real(j, "p_00", m->p_00);
	json_real(j, "p_01", m->p_01);
	json_real(j, "p_10", m->p_10);
	json_real(j, "p_11", m->p_11);
	json_real(j, "p_max", m->p_max);
	json_real(j, "h", m->h);
	json_close(j, '}');
}

static void put_compression(struct json *j, const struct compression *c)
{
	json_open(j, "compression", '{');
	json_real(j, "mean", c->mean);
	json_real(j, "sigma", c->sigma);
	json_real(j, "mean_lower", c->mean_l);
	json_bool(j, "found", c->found);
	json_real(j, "p", c->p);
	json_real(j, "h", c->h);
	json_close(j, '}');
}

static void put_tuples(struct json *j, const struct non_iid_pass *p)
{
	if (p->done >> NON_IID_T_TUPLE & 1) {
		json_open(j, "t_tuple", '{');
		json_whole(j, "t", p->tuples.t);
		json_real(j, "p", p->tuples.t_tuple.p);
		json_real(j, "p_u", p->tuples.t_tuple.p_u);
		json_real(j, "h", p->tuples.t_tuple.h);
		json_close(j, '}');
	}
	if (p->done >> NON_IID_LRS & 1) {
		json_open(j, "lrs", '{');
		json_whole(j, "u", p->tuples.t + 1);
		json_whole(j, "v", p->tuples.v);
		json_real(j, "p", p->tuples.lrs.p);
		json_real(j, "p_u", p->tuples.lrs.p_u);
		json_real(j, "h", p->tuples.lrs.h);
		json_close(j, '}');
	}
}

static void put_prediction(struct json *j, const struct non_iid_pass *p, unsigned estimator, const char *key,
			   const struct prediction *x)
{
	if (!(p->done >> estimator & 1))
		return;
	json_open(j, key, '{');
	json_whole(j, "c", x->c);
	json_whole(j, "r", x->r);
	json_whole(j, "n", x->n);
	json_real(j, "p_global", x->p_global);
	json_real(j, "p_global_u", x->p_global_u);
	if (x->local)
		json_real(j, "p_local", x->p_local);
	else
		json_null(j, "p_local");
	json_real(j, "h", x->h);
	json_close(j, '}');
}

static void put_pass(struct json *j, const char *key, const struct non_iid_pass *p)
{
	if (!p->ran) {
		json_null(j, key);
		return;
	}
	json_open(j, key, '{');
	json_whole(j, "symbols", p->n);
	json_whole(j, "different", p->k);
	json_real(j, "h", p->h_min);

	/* An estimator that could not run is left out. */
	if (p->done >> NON_IID_MCV & 1)
		put_mcv(j, "most_common_value", &p->mcv);
	if (p->done >> NON_IID_COLLISION & 1)
		put_collision(j, &p->collision);
	if (p->done >> NON_IID_MARKOV & 1)
		put_markov(j, &p->markov);
	if (p->done >> NON_IID_COMPRESSION & 1)
		put_compression(j, &p->compression);
	put_tuples(j, p);
	put_prediction(j, p, NON_IID_MULTI_MCW, "multi_mcw", &p->multi_mcw);
	put_prediction(j, p, NON_IID_LAG, "lag", &p->lag);
	put_prediction(j, p, NON_IID_MULTI_MMC, "multi_mmc", &p->multi_mmc);
	put_prediction(j, p, NON_IID_LZ78Y, "lz78y", &p->lz78y);
	json_close(j, '}');
}

static void put_chi_square(struct json *j, const char *key, const struct chi_square *c)
{
	json_open(j, key, '{');
	json_real(j, "t", c->t);
	json_signed(j, "df", c->df);
	json_real(j, "p", c->p);
	json_bool(j, "passed", c->p >= CHI_SQUARE_ALPHA);
	json_close(j, '}');
}

static void put_permutations(struct json *j, const struct permutation_tests *p)
{
	json_open(j, "permutation", '{');
	json_real(j, "mean", p->mean);
	json_real(j, "median", p->median);
	json_whole(j, "permutations", p->permutations);
	json_bool(j, "passed", p->passed);
	for (unsigned i = 0; i < IID_STATISTICS; i++) {
		json_open(j, iid_statistic_keys[i], '{');
		json_real(j, "samples", p->samples[i]);
		json_whole(j, "greater", p->greater[i]);
		json_whole(j, "equal", p->equal[i]);
		json_whole(j, "less", p->less[i]);
		json_bool(j, "passed", p->decided >> i & 1);
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void put_iid(struct json *j, const char *key, const struct iid *iid)
{
	const struct iid_tests *t = &iid->tests;
	json_open(j, key, '{');
	json_bool(j, "passed", t->passed);
	if (iid->has_literal)
		put_mcv(j, "literal", &iid->literal);
	if (iid->has_bitstring)
		put_mcv(j, "bitstring", &iid->bitstring);

	/* Samples that are all equal were not tested. */
	if (iid->k >= 2) {
		put_chi_square(j, "chi_square_independence", &t->independence);
		put_chi_square(j, "chi_square_fit", &t->fit);
		json_open(j, "longest_repeat", '{');
		json_real(j, "p_col", t->repeat.p_col);
		json_whole(j, "w", t->repeat.w);
		json_real(j, "p", t->repeat.p);
		json_bool(j, "passed", t->repeat.passed);
		json_close(j, '}');
		put_permutations(j, &t->permutation);
	}
	json_close(j, '}');
}

static void put_block(struct json *j, const struct assessment *a, const struct block *b)
{
	json_open(j, NULL, '{');
	json_whole(j, "first", b->first);
	json_whole(j, "samples", b->n);
	if (b->holds)
		json_real(j, "min_entropy", b->h);
	else
		json_null(j, "min_entropy");
	if (a->options->iid) {
		put_iid(j, "iid", &b->iid);
	} else {
		json_real(j, "h_original", b->non_iid.h_original);
		json_real(j, "h_bitstring", b->non_iid.h_bitstring);
		put_pass(j, "literal", &b->non_iid.literal);
		put_pass(j, "bitstring", &b->non_iid.bitstring);
	}
	json_close(j, '}');
}

static void put_restart(struct json *j, const struct restart *r)
{
	json_open(j, "restart", '{');
	json_real(j, "h_initial", r->h_initial);
	json_whole(j, "cutoff", r->cutoff);
	json_whole(j, "row_most", r->row_most);
	json_whole(j, "column_most", r->column_most);
	json_bool(j, "sane", r->sane);
	json_bool(j, "valid", r->valid);

	/* Where the sanity check fails nothing else was computed. */
	if (r->sane) {
		json_real(j, "h_rows", r->h_rows);
		json_real(j, "h_columns", r->h_columns);
	}
	if (r->sane && r->iid) {
		put_iid(j, "rows", &r->rows_iid);
		put_iid(j, "columns", &r->columns_iid);
	} else if (r->sane) {
		put_pass(j, "rows", &r->rows);
		put_pass(j, "columns", &r->columns);
	}
	json_close(j, '}');
}

static void put_following(struct json *j, const struct assessment *a)
{
	const struct following f = assessment_following(a);
	if (!f.usable) {
		json_null(j, "health_tests");
		return;
	}
	json_open(j, "health_tests", '{');
	json_real(j, "min_entropy", f.floor);
	json_whole(j, "repetition_count_intermittent", f.rct[0]);
	json_whole(j, "repetition_count_permanent", f.rct[1]);
	json_whole(j, "adaptive_proportion_intermittent", f.apt[0]);
	json_whole(j, "adaptive_proportion_permanent", f.apt[1]);
	json_whole(j, "adaptive_proportion_window", f.window);
	json_whole(j, "block_repetition_samples", f.repeat);
	json_close(j, '}');
}

void report_json(const struct assessment *a, const char *version, FILE *out)
{
	struct json j = {.out = out};
	const struct options *o = a->options;

	/* What the figure is of, and what made it. */
	json_open(&j, NULL, '{');
	json_text(&j, "program", "refresher-assess");
	json_text(&j, "version", version);
	json_text(&j, "date", a->date);
	json_text(&j, "source", a->input->name);
	json_text(&j, "driver", a->input->driver);
	json_text(&j, "track", o->iid ? "iid" : "non_iid");
	json_text(&j, "mode", o->restart ? "restart" : o->conditioned ? "conditioned" : "initial");
	json_whole(&j, "seed", o->seed);
	json_whole(&j, "samples", a->input->n);
	json_whole(&j, "bits", a->bits);
	json_whole(&j, "different", a->values);

	/* The result; null where there is none. */
	json_bool(&j, "assessed", a->assessed);
	if (a->assessed) {
		json_real(&j, "min_entropy", a->h);
		json_real(&j, "min_entropy_median", a->h_median);
	} else {
		json_null(&j, "min_entropy");
		json_null(&j, "min_entropy_median");
	}
	put_following(&j, a);
	json_text(&j, "meaning", meaning_of(a->input->driver, a->input->is_device));

	/* How it came about. */
	if (o->restart)
		put_restart(&j, &a->restart);
	json_open(&j, "blocks", '[');
	for (size_t i = 0; i < a->block_count; i++)
		put_block(&j, a, &a->blocks[i]);
	json_close(&j, ']');
	json_close(&j, '}');
}
