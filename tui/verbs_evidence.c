/* "sekisho evidence ...": making an evidence pack in a shell, and checking one
 * wherever it was brought to. */
#include "tui/verbs_evidence.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/report/report.h"
#include "tui/program.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/verbs_store.h"

struct wish {
	const char *verify; /* a file; NULL: make */
	const char *out;    /* NULL: in the folder we are in */
	const char *purpose;
	int64_t campaign;
};

static bool
read_words(const struct options *options, struct wish *out)
{
	*out = (struct wish){.purpose = ""};
	for (int i = 1; i < options->argc; i++) {
		const char *word = options->argv[i];
		const char *next =
		    i + 1 < options->argc ? options->argv[i + 1] : NULL;

		if (!strcmp(word, "--verify") && next && options->argc == 3)
			out->verify = options->argv[++i];
		else if (!strcmp(word, "--out") && next)
			out->out = options->argv[++i];
		else if (!strcmp(word, "--purpose") && next)
			out->purpose = options->argv[++i];
		else if (out->campaign ||
			 !span_int(span_of(word), &out->campaign))
			return false;
	}
	return out->verify || out->campaign > 0;
}

static void
tell(const struct pack_facts *facts, struct buf *out)
{
	struct buf count = BUF_INIT, key = BUF_INIT;

	format_count(&count, facts->recipients);
	crypt_hex(&key, span_make(facts->fingerprint.bytes, SHA256_LEN));
	buf_printf(out,
	    _("Campaign %lld: %lld parts, %s messages, approvals: %lld, made "
	      "%s."),
	    (long long)facts->campaign, (long long)facts->members, count.ptr,
	    (long long)facts->approvals, facts->at);
	buf_char(out, '\n');
	buf_printf(out, _("Signed by the store with the key %s."), key.ptr);
	buf_char(out, '\n');
	buf_done(&count);
	buf_done(&key);
}

static int
verify(const struct wish *wish, struct buf *out)
{
	struct err err = {.code = E_NONE};
	struct pack_facts facts;

	if (pack_check_file(wish->verify, &facts, &err) < 0)
		return program_complain(out, &err);
	buf_text(out, _("The pack is whole. Compare its key with the one you "
			"were told."));
	buf_char(out, '\n');
	tell(&facts, out);
	return 0;
}

static int
make(struct session *session, int tty, const struct wish *wish, struct buf *out,
    struct err *err)
{
	struct sitting sitting = {.dir = NULL};
	struct pack_params params = {.campaign = {wish->campaign},
	    .data = *wish->purpose ? PACK_FULL : PACK_HASHED,
	    .purpose = span_of(wish->purpose)};
	struct buf path = BUF_INIT;
	struct pack_facts facts;
	int rc = verb_open_store(session, tty, &sitting, err);

	if (wish->out)
		buf_text(&path, wish->out);
	else
		buf_printf(&path, "sekisho-evidence-%lld.tar",
		    (long long)wish->campaign);
	params.path = path.ptr;
	if (rc == 0 && sitting.chain == CHAIN_BROKEN) {
		*err = sitting.chain_fault;
		rc = -1;
	}
	if (rc == 0)
		rc = pack_make(sitting.store, &params, &facts, err);
	if (rc == 0) {
		buf_printf(out, _("Written to %s."), path.ptr);
		buf_char(out, '\n');
		tell(&facts, out);
	}
	sitting_done(&sitting);
	buf_done(&path);
	return rc;
}

int
verb_evidence(struct options *options, struct buf *out)
{
	struct world world = {.clock = clock_real()};
	struct err err = {.code = E_NONE};
	struct session session;
	struct wish wish;
	int status = 0, tty;

	if (!read_words(options, &wish)) {
		verbs_usage(out);
		return 2;
	}
	if (wish.verify)
		return verify(&wish, out);
	program_harden();
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (session_begin(&session, &world, options, NULL, &err) < 0) {
		status = program_complain(out, &err);
	} else if (tty < 0) {
		buf_printf(out, "sekisho: %s\n",
		    _("The passphrase is asked on the terminal. Start this in "
		      "a terminal."));
		status = 1;
	} else if (make(&session, tty, &wish, out, &err) < 0) {
		status = program_complain(out, &err);
	}
	if (tty >= 0)
		close(tty);
	session_end(&session);
	return status;
}
