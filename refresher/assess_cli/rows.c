#include "assess_cli/report.h"

static double of_pass(const struct non_iid_pass *pass, unsigned estimator)
{
	return pass->ran && pass->done >> estimator & 1 ? pass->h[estimator] : -1;
}

unsigned report_rows(const struct assessment *a, const struct block *b, struct report_row *rows)
{
	const struct restart *r = &a->restart;
	unsigned count = 0;

	/* The IID track knows one estimator. */
	if (a->options->iid) {
		const struct iid *left = a->options->restart ? &r->rows_iid : &b->iid;
		const double most = a->options->restart ? r->columns_iid.literal.h : left->literal.h;
		rows[0] = (struct report_row){non_iid_names[NON_IID_MCV], left->has_bitstring ? left->bitstring.h : -1,
					      left->has_literal ? most : -1};
		return 1;
	}

	/* An estimator that ran in neither pass has no row. */
	for (unsigned i = 0; i < NON_IID_ESTIMATORS; i++) {
		const struct non_iid_pass *left = a->options->restart ? &r->rows : &b->non_iid.bitstring;
		const struct non_iid_pass *right = a->options->restart ? &r->columns : &b->non_iid.literal;
		const struct report_row row = {non_iid_names[i], of_pass(left, i), of_pass(right, i)};
		if (row.bitstring >= 0 || row.literal >= 0)
			rows[count++] = row;
	}
	return count;
}
