/* The order of a pack's making: the log knows of it first, then the members,
 * the log's excerpt with that entry, a head seal behind it, and the INDEX. */
#include "core/report/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/clock.h"
#include "core/report/csv_out.h"
#include "core/report/pack_parts.h"

static int
may_make(struct pack_job *job, struct err *err)
{
	const struct pack_params *params = job->params;

	if (person_require(job->store, job->db, MAY_EVIDENCE_MAKE, err) < 0)
		return -1;
	if (params->data == PACK_HASHED)
		return 0;
	if (person_require(job->store, job->db, MAY_PERSONAL_VIEW, err) < 0 ||
	    stepup_require(job->store, job->db, STEPUP_EXPORT, err) < 0)
		return -1;
	return span_trim(params->purpose).len ? 0
					      : err_set(err, E_PACK_PURPOSE);
}

static int
log_making(struct pack_job *job, struct err *err)
{
	const struct pack_params *params = job->params;
	struct buf facts = BUF_INIT;
	char object[40];
	int rc;

	snprintf(object, sizeof object, "campaign %lld",
	    (long long)params->campaign.v);
	audit_fact(&facts, "data",
	    params->data == PACK_FULL ? SPAN("full") : SPAN("hashed"));
	if (params->data == PACK_FULL)
		audit_fact(&facts, "purpose",
		    span_slice(params->purpose, 0, PACK_PURPOSE_MAX));
	audit_fact(&facts, "path",
	    span_slice(span_of(params->path), 0, AUDIT_FACTS_MAX / 4));
	rc = audit_add(job->store,
	    &(struct audit_event){.what = "evidence.make",
		.object = span_of(object),
		.facts = buf_span(&facts)},
	    err);
	buf_done(&facts);
	return rc;
}

/* A head seal of now, into the file of seals as any other. */
static int
put_head(struct pack_job *job, struct err *err)
{
	struct buf line = BUF_INIT;
	char *path = seal_file(job->store, job->db, err);
	int rc = -1;

	if (path && audit_seal(job->store, path, &line, err) == 0) {
		buf_char(&line, '\n');
		rc = pack_member(job->file, "head.txt", buf_span(&line), err);
	}
	buf_done(&line);
	free(path);
	return rc;
}

static int
put_members(struct pack_job *job, struct err *err)
{
	struct pack_file *file = job->file;

	if (pack_member(file, "README.txt", span_of(pack_readme), err) < 0 ||
	    pack_member(file, "merkle.py", span_of(pack_merkle_py), err) < 0 ||
	    pack_campaign(job, err) < 0 || pack_manifest(job, err) < 0 ||
	    pack_checklist(job, err) < 0 || pack_approvals(job, err) < 0 ||
	    pack_template(job, err) < 0 || pack_samples(job, err) < 0 ||
	    pack_ledger(job, err) < 0 || pack_leaves(job, err) < 0 ||
	    pack_audit(job, err) < 0 || put_head(job, err) < 0)
		return -1;
	return pack_seal(file, job->store, err);
}

static void
begin(struct pack_job *job)
{
	struct pack_file *file = job->file;
	struct ed25519_public key;
	int64_t now_ms = clock_now_ms(store_clock(job->store));
	struct buf at = BUF_INIT;

	*job->facts = (struct pack_facts){.campaign = job->params->campaign.v};
	store_id(job->store, job->facts->store);
	store_signer(job->store, &key);
	ed25519_fingerprint(&key, &job->facts->fingerprint);
	clock_rfc3339(&at, now_ms);
	span_text(job->facts->at, sizeof job->facts->at, buf_span(&at));
	file->at_s = now_ms / 1000;
	file->path = job->params->path;
	snprintf(file->folder, sizeof file->folder, "sekisho-evidence-%lld",
	    (long long)job->params->campaign.v);
	buf_printf(&file->index,
	    "# sekisho-pack 1 store=%s campaign=%lld at=%s\n",
	    job->facts->store, (long long)job->params->campaign.v,
	    job->facts->at);
	buf_done(&at);
}

/* What is there is never replaced: it may be the only copy of another pack. */
static int
is_free(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	err_set(err, E_FILE_EXISTS);
	return err_fact(err, "path", span_of(path));
}

static int
make(struct pack_job *job, struct err *err)
{
	const char *path = job->params->path;
	enum csv_end end = CSV_DROP;

	if (may_make(job, err) < 0 ||
	    campaign_read(job->db, job->params->campaign, &job->campaign, err) <
		0 ||
	    is_free(path, err) < 0)
		return -1;
	begin(job);
	job->file->fd = csv_open(path, err);
	if (job->file->fd < 0)
		return -1;
	if (log_making(job, err) < 0) {
		csv_close(job->file->fd, path, CSV_DROP, NULL);
		return -1;
	}
	if (put_members(job, err) == 0 &&
	    csv_sync(job->file->fd, path, err) == 0)
		end = CSV_NEW;
	job->facts->members = job->file->members;
	if (csv_close(job->file->fd, path, end, end == CSV_NEW ? err : NULL) <
	    0)
		return -1;
	return end == CSV_NEW ? 0 : -1;
}

int
pack_make(struct store *store, const struct pack_params *params,
    struct pack_facts *out, struct err *err)
{
	struct pack_file file = {.fd = -1};
	struct pack_job job = {.store = store,
	    .params = params,
	    .campaign = CAMPAIGN_INIT,
	    .file = &file,
	    .facts = out};
	int rc = -1;

	if (store_reader_open(store, &job.db, err) == 0)
		rc = make(&job, err);
	store_reader_close(&job.db);
	campaign_done(&job.campaign);
	pack_file_done(&file);
	return rc;
}

int
pack_check_file(const char *path, struct pack_facts *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	void *bytes = MAP_FAILED;
	struct stat st;
	int rc = -1;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size > 0)
		bytes = mmap(
		    NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		err_sys(err, E_FILE_OPEN, errno);
		err_fact(err, "path", span_of(path));
	} else {
		rc = pack_check(span_make(bytes, (size_t)st.st_size), out, err);
		munmap(bytes, (size_t)st.st_size);
		if (rc < 0 && err && err->code == E_PACK_FORM)
			err_fact(err, "path", span_of(path));
	}
	if (fd >= 0)
		close(fd);
	return rc;
}
