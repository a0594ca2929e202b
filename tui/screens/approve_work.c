/* An approver's errands over the socket.  The statement is written here, from
 * what was shown, and nothing else is signed. */
#include "tui/screens/approve_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"

enum {
	LOOK_MS = 200,
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	MINUTES_MAX = 7 * 24 * 60
};

struct approve_work *
approve_work_new(enum approve_deed deed, struct socket_line *line)
{
	struct approve_work *work = mem_new(sizeof *work);

	work->deed = deed;
	work->line = line;
	return work;
}

static void
work_free(void *data)
{
	struct approve_work *work = data;

	for (size_t i = 0; i < APPROVE_LISTED_MAX; i++)
		buf_done(&work->name[i]);
	for (size_t i = 0; i < STATEMENT_OVERRIDES_MAX; i++)
		buf_done(&work->reason[i]);
	dossier_free(&work->dossier);
	buf_done(&work->export.subject);
	secret_free(&work->passphrase);
	buf_done(&work->note);
	buf_done(&work->code);
	free(work);
}

/* ---- Asking --------------------------------------------------------------------- */

/* Says something and hears the answer; its body lives until the next. */
static int
exchange(struct approve_work *work, struct job *job, enum socket_kind kind,
    struct span body, struct span *out, struct err *err)
{
	struct socket_frame frame;
	int rc = socket_say(work->line, kind, body, err);

	while (rc == 0 && !job_is_cancelled(job))
		rc = socket_wait(work->line, LOOK_MS, &frame, err);
	if (rc == 0)
		return err_set(err, E_CANCELLED);
	if (rc < 0)
		return -1;
	if (frame.kind == SOCKET_REFUSED) {
		socket_take_err(frame.body, err);
		return -1;
	}
	if (frame.kind != SOCKET_PIECE && frame.kind != SOCKET_DONE)
		return err_set(err, E_SOCKET_FRAME);
	*out = frame.body;
	return 0;
}

enum kind { CAMPAIGNS, EXPORTS };

static int
list_kind(
    struct approve_work *work, struct job *job, enum kind kind, struct err *err)
{
	struct span ask =
	    kind == EXPORTS ? SPAN("what=exports\n") : SPAN("what=list\n");
	struct span body;

	if (exchange(work, job, SOCKET_ASK, ask, &body, err) < 0)
		return -1;
	while (body.len && work->count < APPROVE_LISTED_MAX) {
		struct span line = span_cut(&body, '\n');
		int64_t id;

		if (!span_int(span_cut(&line, '='), &id))
			return err_set(err, E_SOCKET_FRAME);
		if (kind == EXPORTS)
			work->found[work->count].export = id;
		else
			work->found[work->count].campaign.v = id;
		buf_add(&work->name[work->count++], line);
	}
	return 0;
}

static int
list(struct approve_work *work, struct job *job, struct err *err)
{
	if (list_kind(work, job, CAMPAIGNS, err) < 0)
		return -1;
	return list_kind(work, job, EXPORTS, err);
}

/* Facts, an empty line, what is signed. */
static int
fetch_export(struct approve_work *work, struct job *job, struct err *err)
{
	struct approve_export *export = &work->export;
	struct buf ask = BUF_INIT;
	struct span body = SPAN("");
	size_t head;
	int rc;

	fact_add(&ask, "what", SPAN("export"));
	fact_add_int(&ask, "export", work->item.export);
	rc = exchange(work, job, SOCKET_ASK, buf_span(&ask), &body, err);
	buf_done(&ask);
	if (rc < 0)
		return -1;
	head = span_search(body, SPAN("\n\n"));
	if (head == body.len)
		return err_set(err, E_SOCKET_FRAME);
	export->id = work->item.export;
	export->minutes =
	    fact_int(span_slice(body, 0, head + 1), "minutes", MINUTES_MAX, 0);
	export->wants = statement_login_of(
	    fact_find(span_slice(body, 0, head + 1), "wants"));
	buf_add(&export->subject, span_slice(body, head + 2, body.len));
	return 0;
}

static int
fetch(struct approve_work *work, struct job *job, struct err *err)
{
	struct buf ask = BUF_INIT, all = BUF_INIT;
	struct span body = SPAN("");
	int64_t total;
	int rc;

	fact_add(&ask, "what", SPAN("dossier"));
	fact_add_int(&ask, "campaign", work->item.campaign.v);
	rc = exchange(work, job, SOCKET_ASK, buf_span(&ask), &body, err);
	total = fact_int(body, "total", DOSSIER_MAX, 0);
	while (rc == 0 && (int64_t)all.len < total) {
		buf_clear(&ask);
		fact_add(&ask, "what", SPAN("piece"));
		fact_add_int(&ask, "from", (int64_t)all.len);
		rc =
		    exchange(work, job, SOCKET_ASK, buf_span(&ask), &body, err);
		if (rc == 0 && body.len == 0)
			rc = err_set(err, E_SOCKET_FRAME);
		if (rc == 0)
			buf_add(&all, body);
		job_progress(job, (int64_t)all.len, total);
	}
	if (rc == 0)
		rc = dossier_read(buf_span(&all), &work->dossier, err);
	buf_wipe(&all);
	buf_done(&all);
	buf_done(&ask);
	return rc;
}

/* ---- Deciding --------------------------------------------------------------------- */

static void
add_hex(struct buf *out, const char *name, const unsigned char *at, size_t len)
{
	struct buf hex = BUF_INIT;

	crypt_hex(&hex, span_make(at, len));
	fact_add(out, name, buf_span(&hex));
	buf_done(&hex);
}

static void
add_offer(struct approve_work *work, const struct approval_text *statement,
    const struct ed25519_signature *signature, struct span text,
    struct buf *out)
{
	fact_add_int(out, "campaign", statement->campaign);
	add_hex(out, "manifest", statement->manifest.bytes, SHA256_LEN);
	fact_add(out, "note", statement->note);
	fact_add(out, "authenticated", statement->authenticated);
	fact_add_int(out, "at_ms", statement->at_ms);
	fact_add_int(out, "expires_ms", statement->expires_ms);
	fact_add(out, "code", buf_span(&work->code));
	for (size_t i = 0; i < statement->overrides; i++) {
		char name[sizeof "reason" + 20];

		snprintf(name, sizeof name, "reason%zu", i);
		fact_add(out, name, statement->override[i].reason);
	}
	add_hex(out, "signature", signature->bytes, sizeof signature->bytes);
	buf_char(out, '\n');
	buf_add(out, text);
}

static int
open_key(struct approve_work *work, struct signer **out, struct digest *key,
    struct err *err)
{
	struct ed25519_public public;

	if (signer_open(work->key, work->passphrase, out, err) < 0)
		return -1;
	signer_public(*out, &public);
	ed25519_fingerprint(&public, key);
	return 0;
}

static int
sign_campaign(struct approve_work *work, struct job *job, struct err *err)
{
	struct approval_text statement = work->about->subject;
	struct ed25519_signature signature;
	struct signer *signer = NULL;
	struct buf text = BUF_INIT, offer = BUF_INIT;
	struct span body;
	int rc;

	if (open_key(work, &signer, &statement.key, err) < 0)
		return -1;
	statement.note = buf_span(&work->note);
	statement.login = span_of(work->login);
	statement.uid = getuid();
	statement.authenticated = statement_login_word(work->shown);
	statement.at_ms = clock_now_ms(clock_real());
	statement.expires_ms = statement.at_ms + work->about->hours * HOUR_MS;
	for (size_t i = 0; i < statement.overrides; i++)
		statement.override[i].reason = buf_span(&work->reason[i]);
	statement_write(&statement, &text);
	signer_sign(signer, buf_span(&text), &signature);
	signer_free(&signer);
	add_offer(work, &statement, &signature, buf_span(&text), &offer);
	rc = exchange(work, job, SOCKET_APPROVE, buf_span(&offer), &body, err);
	buf_done(&text);
	buf_done(&offer);
	return rc;
}

static int
sign_export(struct approve_work *work, struct job *job, struct err *err)
{
	const struct approve_export *about = work->about_export;
	struct export_signer who = {.login = span_of(work->login),
	    .uid = getuid(),
	    .authenticated = statement_login_word(work->shown),
	    .note = buf_span(&work->note),
	    .at_ms = clock_now_ms(clock_real())};
	struct ed25519_signature signature;
	struct signer *signer = NULL;
	struct buf text = BUF_INIT, offer = BUF_INIT;
	struct span body;
	int rc;

	if (open_key(work, &signer, &who.key, err) < 0)
		return -1;
	who.expires_ms = who.at_ms + about->minutes * MINUTE_MS;
	export_statement(buf_span(&about->subject), &who, &text);
	signer_sign(signer, buf_span(&text), &signature);
	signer_free(&signer);
	fact_add_int(&offer, "export", about->id);
	fact_add(&offer, "note", who.note);
	fact_add(&offer, "authenticated", who.authenticated);
	fact_add_int(&offer, "at_ms", who.at_ms);
	fact_add_int(&offer, "expires_ms", who.expires_ms);
	add_hex(&offer, "signature", signature.bytes, sizeof signature.bytes);
	buf_char(&offer, '\n');
	buf_add(&offer, buf_span(&text));
	rc = exchange(work, job, SOCKET_APPROVE, buf_span(&offer), &body, err);
	buf_done(&text);
	buf_done(&offer);
	return rc;
}

static int
reject(struct approve_work *work, struct job *job, struct err *err)
{
	struct buf body = BUF_INIT;
	struct span answer;
	int rc;

	if (work->about_export) {
		fact_add_int(&body, "export", work->about_export->id);
	} else {
		const struct approval_text *subject = &work->about->subject;

		fact_add_int(&body, "campaign", subject->campaign);
		add_hex(&body, "manifest", subject->manifest.bytes, SHA256_LEN);
	}
	fact_add(&body, "reason", buf_span(&work->note));
	rc = exchange(work, job, SOCKET_REJECT, buf_span(&body), &answer, err);
	buf_done(&body);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct approve_work *work = data;

	switch (work->deed) {
	case APPROVE_LIST:
		return list(work, job, err);
	case APPROVE_FETCH:
		return work->item.export ? fetch_export(work, job, err)
					 : fetch(work, job, err);
	case APPROVE_SIGN:
		return work->about_export ? sign_export(work, job, err)
					  : sign_campaign(work, job, err);
	case APPROVE_REJECT:
		return reject(work, job, err);
	}
	return err_set(err, E_BUG);
}

static const struct job_ops work_ops = {.run = work_run, .free = work_free};

void
approve_work_start(struct screen *owner, struct approve_work *work)
{
	struct err err = {.code = E_NONE};

	if (app_job(owner->app, owner, &work_ops, work, NULL, &err) < 0)
		app_say_err(owner->app, &err);
}
