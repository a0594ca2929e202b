/* The relays of a review: all that a run may use are bound by the seal, and all
 * of them must answer now.  They are asked at the same time, because one that
 * is down takes its half minute. */
#include "core/review/relays.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/review/jobs.h"

enum { PROBE_MS = 30000 };

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

/* ---- TS-03 ----------------------------------------------------------------------- */

/* What receivers think of this computer cannot be tried out beforehand, so
 * somebody has to vouch for it. */
int
check_direct(struct check_run *run, struct err *err)
{
	const struct inputs *inputs = run->inputs;
	struct review *review = run->review;
	struct err why = {0};
	bool direct = false;
	int named;

	(void)err;
	for (size_t i = 0; i < inputs->relays; i++)
		direct |= inputs->relay[i].kind == RELAY_KIND_DIRECT;
	if (!direct) {
		result_set(review, TS_03, CHECK_PASS, 0);
		return 0;
	}
	named = relay_check_direct(run->db, &why);
	result_set(review, TS_03, named < 0 ? CHECK_FAIL : CHECK_NOT_EVALUATED,
	    named < 0);
	review->result[TS_03].why = why;
	return 0;
}

/* ---- TS-02, CM-09 ------------------------------------------------------------------ */

struct question {
	struct review *review;
	const struct relay_config *relay;
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
	    question->relay, question->mail_from, PROBE_MS, review->cancel_fd,
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

static void
tell(struct review *review, const struct question *named, int silent,
    size_t relays)
{
	const struct relay_probe *probe = &named->answer;

	result_fact(review, TS_02,
	    "relay=%s relays=%zu peer=%s tls=%s cipher=%s", named->relay->name,
	    relays, probe->peer,
	    *probe->tls_version ? probe->tls_version : "none",
	    *probe->tls_cipher ? probe->tls_cipher : "-");
	result_set(review, TS_02, silent ? CHECK_FAIL : CHECK_PASS, silent);
	review->result[TS_02].why = probe->why;
}

/* From all answers: the first that is not as it must be, and the smallest
 * limit for a message. */
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

int
check_relays(struct check_run *run, struct err *err)
{
	const struct inputs *inputs = run->inputs;
	struct question *question = mem_array(inputs->relays, sizeof *question);
	size_t count = 0;
	int rc;

	for (size_t i = 0; i < inputs->relays; i++) {
		/* without a relay there is nobody to ask beforehand */
		if (inputs->relay[i].kind == RELAY_KIND_DIRECT)
			continue;
		question[count].review = run->review;
		question[count].relay = &inputs->relay[i];
		question[count++].mail_from =
		    buf_span(&inputs->campaign.from_address);
	}
	ask_all(question, count);
	if (atomic_load(&run->review->cancel))
		rc = err_set(err, E_CANCELLED);
	else
		rc = judge(run->review, question, count, inputs->relays, err);
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
