/* The members of a pack: each function writes its own. */
#ifndef CORE_REPORT_PACK_PARTS_H
#define CORE_REPORT_PACK_PARTS_H

#include "core/report/pack_file.h"
#include "core/report/report.h"

/* What the members are made of. */
struct pack_job {
	struct store *store;
	struct db *db;
	const struct pack_params *params;
	struct campaign campaign;
	struct pack_file *file;
	struct pack_facts *facts;
};

/* campaign.txt, with the run when there was one. */
int pack_campaign(struct pack_job *job, struct err *err);

/* manifest.txt and digest.txt. */
int pack_manifest(struct pack_job *job, struct err *err);

/* checklist.csv. */
int pack_checklist(struct pack_job *job, struct err *err);

/* approvals/N.txt, N.sig, N.pem of those that approve, and approvals.csv of
 * all decisions. */
int pack_approvals(struct pack_job *job, struct err *err);

/* template/subject.txt, body.md, theme.txt. */
int pack_template(struct pack_job *job, struct err *err);

/* samples/1.eml ... of the first recipients; only into full packs. */
int pack_samples(struct pack_job *job, struct err *err);

/* ledger.csv and outcomes.csv. */
int pack_ledger(struct pack_job *job, struct err *err);

/* leaves.txt and root.txt. */
int pack_leaves(struct pack_job *job, struct err *err);

/* audit.jsonl: the entries of the campaign. */
int pack_audit(struct pack_job *job, struct err *err);

#endif
