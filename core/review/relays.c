/* The relays of a review: all that a run may use are bound by the seal, and all
 * of them must answer now.  They are asked at the same time, because one that
 * is down takes its half minute. */
#include "core/review/relays.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/review/jobs.h"

enum { PROBE_MS = 30000 };

#define CERT_BLOCK_MS (INT64_C(24) * 3600 * 1000)
#define CERT_WARN_MS  (INT64_C(14) * 24 * 3600 * 1000)

/* ---- Reading ------------------------------------------------------------------- */

void
relays_free(struct relay_config **relays, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		relay_config_done(&(*relays)[i]);
	free(*relays);
	*relays = NULL;
	*count = 0;
}

int
relays_read(
    struct db *db, struct relay_config **out, size_t *count, struct err *err)
{
	struct relay_config *relays = NULL;
	size_t all = 0, n = 0;

	if (relay_all(db, &relays, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all; i++) {
		int64_t id = relays[i].id;

		if (!relays[i].enabled)
			continue;
		if (relay_read(db, id, &relays[n], err) < 0) {
			relays_free(&relays, &n);
			return -1;
		}
		n++;
	}
	*out = relays;
	*count = n;
	return n ? 0 : err_set(err, E_RELAY_MISSING);
}

static void
add_digest(const struct relay_config *relay, struct buf *all)
{
	struct digest part;

	relay_digest(relay, &part);
	buf_add(all, span_make(part.bytes, SHA256_LEN));
}

void
relays_digest(
    const struct relay_config *relays, size_t count, struct digest *out)
{
	struct buf all = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		add_digest(&relays[i], &all);
	crypt_sha256(buf_span(&all), out);
	buf_done(&all);
}

int
relays_digest_now(struct db *db, struct digest *out, struct err *err)
{
	struct relay_config *relays = NULL;
	struct buf all = BUF_INIT;
	size_t count = 0;

	if (relay_all(db, &relays, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (relays[i].enabled)
			add_digest(&relays[i], &all);
	}
	crypt_sha256(buf_span(&all), out);
	buf_done(&all);
	free(relays);
	return 0;
}

/* ---- TS-01 ----------------------------------------------------------------------- */

static bool
is_safe(const struct relay_config *relay)
{
	/* a password in the clear (RFC 4954 section 4) */
	if (relay->tls == RELAY_TLS_NONE && *relay->user)
		return false;
	return relay->tls == RELAY_TLS_VERIFY ||
	       relay->tls == RELAY_TLS_IMPLICIT ||
	       relay->tls == RELAY_TLS_PIN || relay->tls == RELAY_TLS_NONE ||
	       relay->kind == RELAY_KIND_DIRECT;
}

/* Relays must verify; only the machine itself may be reached in the clear (and
 * health lets nothing else be stored). */
int
check_relay_levels(struct check_run *run, struct err *err)
{
	const struct inputs *inputs = run->inputs;
	const struct relay_config *named = &inputs->relay[0];
	int unsafe = 0;

	(void)err;
	for (size_t i = 0; i < inputs->relays; i++) {
		if (!is_safe(&inputs->relay[i]) && !unsafe++)
			named = &inputs->relay[i];
	}
	result_fact(run->review, TS_01, "relay=%s level=%s relays=%zu",
	    named->name, relay_tls_name(named->tls), inputs->relays);
	result_set(
	    run->review, TS_01, unsafe ? CHECK_FAIL : CHECK_PASS, unsafe);
	return 0;
}

/* ---- TS-02, TS-03 ------------------------------------------------------------------ */

struct question {
	struct review *review;
	struct relay_config relay; /* secrets borrowed */
	struct span mail_from;
	struct relay_probe answer;
	struct err err;
	int rc;
	pthread_t thread;
	bool started;
};

static void *
ask(void *arg)
{
	struct question *question = arg;
	struct review *review = question->review;

	question->rc = relay_probe(review->world, review->store,
	    &question->relay, question->mail_from, PROBE_MS, review->cancel_fd,
	    &question->answer, &question->err);
	return NULL;
}

/* Asks all of them; a thread that cannot be made is done without. */
static void
ask_all(struct question *question, size_t count)
{
	for (size_t i = 1; i < count; i++)
		question[i].started = pthread_create(&question[i].thread, NULL,
					  ask, &question[i]) == 0;
	for (size_t i = 0; i < count; i++) {
		if (question[i].started)
			pthread_join(question[i].thread, NULL);
		else
			ask(&question[i]);
	}
}

/* What the relay offers, in one word. */
static void
add_offers(const struct relay_probe *probe, struct buf *out)
{
	const struct {
		bool has;
		const char *name;
	} offers[] = {
	    {probe->pipelining, "PIPELINING"},
	    {probe->eightbitmime, "8BITMIME"},
	    {probe->dsn, "DSN"},
	    {probe->chunking, "CHUNKING"},
	    {probe->smtputf8, "SMTPUTF8"},
	    {probe->requiretls, "REQUIRETLS"},
	};

	for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
		if (offers[i].has)
			buf_printf(
			    out, "%s%s", out->len ? "," : "", offers[i].name);
	}
	if (!out->len)
		buf_char(out, '-');
}

static void
tell(struct review *review, const struct question *named, int silent,
    size_t relays)
{
	const struct relay_probe *probe = &named->answer;
	struct buf offers = BUF_INIT;

	add_offers(probe, &offers);
	result_fact(review, TS_02,
	    "relay=%s relays=%zu peer=%s tls=%s cipher=%s auth=%s size=%lld"
	    " offers=%s",
	    named->relay.name, relays, probe->peer,
	    *probe->tls_version ? probe->tls_version : "none",
	    *probe->tls_cipher ? probe->tls_cipher : "-",
	    *named->relay.user ? "yes" : "no", (long long)probe->size_limit,
	    offers.ptr);
	result_set(review, TS_02, silent ? CHECK_FAIL : CHECK_PASS, silent);
	review->result[TS_02].why = probe->why;
	buf_done(&offers);
}

/* A row without a relay cannot be asked beforehand.  Its name must be one that
 * strangers may look up; that its mail will be taken is what SPF and PTR say
 * (DN-01, DN-08), and what somebody vouches for here. */
static void
tell_direct(struct check_run *run)
{
	struct check_result *result = &run->review->result[TS_02];
	struct err why = {0};

	if (result->state == CHECK_FAIL)
		return;
	result_fact(run->review, TS_02, "direct=1");
	if (relay_check_direct(run->db, &why) < 0) {
		result_set(run->review, TS_02, CHECK_FAIL, 1);
	} else {
		result_set(run->review, TS_02, CHECK_NOT_EVALUATED, 0);
		err_set(&why, E_REVIEW_FINDING);
		err_fact(&why, "what", SPAN("direct"));
	}
	result->why = why;
}

/* The first answer that is not as it must be, and the smallest limit for a
 * message. */
static int
judge(struct review *review, const struct question *question, size_t count,
    size_t relays, struct err *err)
{
	const struct question *named = question;
	int64_t limit = 0;
	int silent = 0;

	for (size_t i = 0; i < count; i++) {
		const struct relay_probe *probe = &question[i].answer;

		if (question[i].rc < 0) {
			if (err)
				*err = question[i].err;
			return -1;
		}
		if (!probe->ok && !silent++)
			named = &question[i];
		if (probe->size_limit > 0 &&
		    (!limit || probe->size_limit < limit))
			limit = probe->size_limit;
	}
	if (count)
		tell(review, named, silent, relays);
	else
		result_set(review, TS_02, CHECK_PASS, 0);
	atomic_store(&review->size_limit, limit);
	return 0;
}

/* ---- TS-05, as far as it is about relays ------------------------------------------- */

/* The line itself is made when the certificates are known as well. */
static void
note_requiretls(
    struct review *review, const struct question *question, size_t count)
{
	buf_clear(&review->tls_refused);
	buf_clear(&review->tls_unsaid);
	for (size_t i = 0; i < count; i++) {
		const struct relay_probe *probe = &question[i].answer;
		struct buf *names = probe->why.code == E_SMTP_REQUIRETLS
					? &review->tls_refused
					: &review->tls_unsaid;

		if (question[i].relay.require_tls && !probe->ok)
			buf_printf(names, "%s%s", names->len ? ", " : "",
			    question[i].relay.name);
	}
}

/* ---- TS-03 ----------------------------------------------------------------------- */

/* True when the operator has named keys and this is none of them: its
 * authority vouches for it, the operator does not. */
static bool
is_unpinned(const struct question *question)
{
	for (int i = 0; i < question->relay.pin_count; i++) {
		if (digest_equal(
			&question->relay.pins[i], &question->answer.key))
			return false;
	}
	return question->relay.pin_count > 0;
}

/* Counts a fault of a certificate; the first one is named. */
static void
fault(struct review *review, enum check_id check,
    const struct question *question, const char *what)
{
	struct check_result *result = &review->result[check];
	struct err why = {0};

	if (result->state != CHECK_FAIL) {
		err_set(&why, E_REVIEW_FINDING);
		err_fact(&why, "what", span_of(what));
		err_fact(&why, "value", span_of(question->relay.name));
		result_set(review, check, CHECK_FAIL, 0);
		result->why = why;
	}
	result->count++;
}

/* How long the certificates last, and whose keys they hold.  Relays that did
 * not answer are TS-02's. */
static void
judge_certificates(
    struct review *review, const struct question *question, size_t count)
{
	int64_t least_ms = INT64_MAX;

	result_set(review, TS_03, CHECK_PASS, 0);
	result_set(review, TS_03W, CHECK_PASS, 0);
	for (size_t i = 0; i < count; i++) {
		const struct relay_probe *probe = &question[i].answer;

		if (!probe->tls_seen)
			continue;
		if (probe->cert_left_ms < least_ms)
			least_ms = probe->cert_left_ms;
		if (probe->cert_left_ms < CERT_BLOCK_MS)
			fault(review, TS_03, &question[i], "hours");
		else if (probe->cert_left_ms < CERT_WARN_MS)
			fault(review, TS_03W, &question[i], "fortnight");
		else if (is_unpinned(&question[i]))
			fault(review, TS_03W, &question[i], "unpinned");
	}
	if (least_ms == INT64_MAX)
		return;
	result_fact(
	    review, TS_03, "hours=%lld", (long long)(least_ms / (3600 * 1000)));
	result_fact(review, TS_03W, "days=%lld",
	    (long long)(least_ms / (24 * 3600 * 1000)));
}

int
check_relays(struct check_run *run, struct err *err)
{
	const struct inputs *inputs = run->inputs;
	struct question *question = mem_array(inputs->relays, sizeof *question);
	size_t count = 0;
	int rc;

	for (size_t i = 0; i < inputs->relays; i++) {
		struct question *it = &question[count];

		if (inputs->relay[i].kind == RELAY_KIND_DIRECT)
			continue;
		it->review = run->review;
		it->relay = inputs->relay[i];
		/* TS-05: what is confidential goes no other way */
		it->relay.require_tls |= inputs->campaign.confidential;
		it->mail_from = buf_span(&inputs->campaign.from_address);
		count++;
	}
	ask_all(question, count);
	if (atomic_load(&run->review->cancel))
		rc = err_set(err, E_CANCELLED);
	else
		rc = judge(run->review, question, count, inputs->relays, err);
	if (rc == 0) {
		note_requiretls(run->review, question, count);
		judge_certificates(run->review, question, count);
		if (count < inputs->relays)
			tell_direct(run);
	}
	free(question);
	return rc;
}

/* ---- CM-09 ------------------------------------------------------------------------ */

/* The largest message fits through every relay, and through what Setup
 * allows. */
int
check_size(struct check_run *run, struct err *err)
{
	int64_t octets = run->tally->octets_max;
	int64_t relays = atomic_load(&run->review->size_limit);
	int64_t limit = setting_int(run->db, "attach.message_max", err);

	if (limit < 0)
		return -1;
	limit *= 1024;
	if (relays && relays < limit)
		limit = relays;
	result_fact(run->review, CM_09, "octets=%lld limit=%lld",
	    (long long)octets, (long long)limit);
	result_set(run->review, CM_09,
	    octets <= limit ? CHECK_PASS : CHECK_FAIL, octets > limit);
	return 0;
}
