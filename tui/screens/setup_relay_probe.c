/* What a live test of a relay has found, step by step. */
#include "core/net/sasl.h"
#include "tui/screens/setup_relay.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const int64_t SOON_MS = INT64_C(14) * 24 * 3600 * 1000;

static int
draw_step(struct area a, int row, enum role role, const char *text)
{
	const char *mark = role == ROLE_OK ? "+" : role == ROLE_ERR ? "X" : " ";

	draw_str(a, row, 0, role, mark);
	return draw_wrapped(
	    a, row, 2, role == ROLE_OK ? ROLE_TEXT : role, span_of(text));
}

static int
draw_tls(struct area a, int row, const struct relay_probe *probe)
{
	struct buf text = BUF_INIT;

	if (!*probe->tls_version)
		return probe->ok ? draw_step(a, row, ROLE_OK,
				       _("Without TLS, on this machine."))
				 : row;
	buf_printf(&text, "%s  %s  ", probe->tls_version, probe->tls_cipher);
	if (probe->tls_verified) {
		buf_text(&text, _("verified, certificate until"));
		buf_char(&text, ' ');
		format_date(&text, probe->cert_expires_ms);
	} else {
		buf_text(&text, _("certificate not verified"));
	}
	row = draw_step(a, row, ROLE_OK, text.ptr);
	buf_done(&text);
	return row;
}

/* A certificate that ends within the life of a campaign is worth a call. */
static int
draw_expiry(struct area a, int row, const struct relay_probe *probe)
{
	struct buf text = BUF_INIT, span = BUF_INIT;
	int64_t left_ms = probe->cert_expires_ms - probe->at_ms;

	if (!probe->ok || !probe->tls_seen || left_ms > SOON_MS || left_ms < 0)
		return row;
	format_span(&span, left_ms);
	buf_printf(&text, _("Its certificate ends soon: in %s."), span.ptr);
	row = draw_step(a, row, ROLE_WARN, text.ptr);
	buf_done(&text);
	buf_done(&span);
	return row;
}

static int
draw_key(struct area a, int row, const struct relay_probe *probe)
{
	struct buf text = BUF_INIT;

	if (!probe->tls_seen)
		return row;
	buf_text(&text, _("Its key:"));
	buf_char(&text, ' ');
	relay_pin_text(&probe->key, &text);
	row = draw_step(a, row, ROLE_DIM, text.ptr);
	buf_done(&text);
	return row;
}

static void
add_mechs(unsigned mechs, struct buf *out)
{
	static const enum sasl_mech all[] = {SASL_SCRAM_PLUS, SASL_SCRAM,
	    SASL_OAUTHBEARER, SASL_XOAUTH2, SASL_PLAIN, SASL_LOGIN};

	if (!mechs)
		return;
	buf_text(out, " AUTH:");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (mechs & all[i]) {
			buf_text(out, out->ptr[out->len - 1] == ':' ? "" : ",");
			buf_text(out, sasl_name(all[i]));
		}
	}
}

static int
draw_offer(struct area a, int row, const struct relay_probe *probe)
{
	const struct {
		bool there;
		const char *word;
	} words[] = {
	    {probe->pipelining, " PIPELINING"},
	    {probe->chunking, " CHUNKING"},
	    {probe->eightbitmime, " 8BITMIME"},
	    {probe->smtputf8, " SMTPUTF8"},
	    {probe->dsn, " DSN"},
	    {probe->requiretls, " REQUIRETLS"},
	};
	struct buf text = BUF_INIT;

	buf_text(&text, _("It offers:"));
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i].there)
			buf_text(&text, words[i].word);
	}
	if (probe->size_limit) {
		buf_text(&text, " SIZE=");
		format_size(&text, probe->size_limit);
	}
	add_mechs(probe->mechs, &text);
	row = draw_step(a, row, ROLE_DIM, text.ptr);
	buf_done(&text);
	return row;
}

int
relay_probe_draw(struct area a, const struct relay_probe *probe)
{
	struct buf text = BUF_INIT;
	int row = 0;

	if (*probe->peer) {
		buf_printf(&text, _("Connected to %s"), probe->peer);
		row = draw_step(a, row, ROLE_OK, text.ptr);
	}
	row = draw_tls(a, row, probe);
	row = draw_expiry(a, row, probe);
	row = draw_key(a, row, probe);
	buf_clear(&text);
	if (probe->ok) {
		row = draw_offer(a, row, probe);
		row = draw_step(a, row, ROLE_OK, _("The sender was accepted."));
	} else {
		err_text(&probe->why, &text);
		row = draw_step(a, row, ROLE_ERR, text.ptr);
		if (*probe->reply)
			draw_str(a, row++, 2, ROLE_DIM, probe->reply);
	}
	buf_done(&text);
	return row;
}
