/* Does a mailbox of ours take mail: its exchanger is asked, up to RCPT and never
 * DATA, by the way in which strangers reach it.  A refusal counts only where it
 * speaks of the mailbox; one that speaks of us (who we are, from where we ask)
 * says nothing about it. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/health/health.h"
#include "core/mail/address.h"
#include "core/net/exchange.h"
#include "core/net/mx.h"

enum { HOSTS_ASKED = 2, HOST_MS = 15000, PORT_SMTP = 25 };

/* ---- What an answer says ------------------------------------------------------- */

/* 521 and 556: no mail at all (RFC 7504).  X.7.Z is policy (RFC 3463); 554 and
 * what else there is may be anything. */
static enum mailbox_state
state_of_reply(const struct exchange_probe *found)
{
	static const int about_mailbox[] = {550, 551, 552, 553};
	const char *enhanced = found->enhanced;

	if (found->code == 521 || found->code == 556)
		return MAILBOX_REFUSED;
	if (found->stage != SMTP_STAGE_RCPT || found->code / 100 != 5 ||
	    !strncmp(enhanced, "5.7.", 4))
		return MAILBOX_UNKNOWN;
	if (!strncmp(enhanced, "5.1.", 4) || !strncmp(enhanced, "5.2.", 4))
		return MAILBOX_REFUSED;
	for (size_t i = 0; i < sizeof about_mailbox / sizeof *about_mailbox;
	    i++) {
		if (found->code == about_mailbox[i])
			return MAILBOX_REFUSED;
	}
	return MAILBOX_UNKNOWN;
}

/* ---- Asking -------------------------------------------------------------------- */

/* 1 when the host has spoken about the mailbox, 0 when another one may, -1
 * when cancelled. */
static int
ask_host(const struct mailbox_how *how, const char *host, const char *mailbox,
    struct mailbox_answer *out, struct err *err)
{
	struct exchange_target target = {
	    .host = host,
	    .port = PORT_SMTP,
	    .tls = TLS_LEVEL_OPPORTUNISTIC,
	    .ehlo = how->ehlo,
	    .timeouts = &smtp_timeouts_direct,
	};
	struct exchange_probe_how probe = {
	    .dialler = how->world->dialler,
	    .target = &target,
	    .mail_from = "",
	    .rcpt_to = mailbox,
	    .cancel_fd = how->cancel_fd,
	    .limit_ms = how->host_ms ? how->host_ms : HOST_MS,
	};
	struct exchange_probe found;
	int rc = exchange_probe(&probe, &found, &out->why);

	/* as a stranger's server would: what TLS cannot do goes without it */
	if (rc < 0 && found.stage == SMTP_STAGE_TLS &&
	    out->why.code != E_CANCELLED) {
		target.clear = true;
		rc = exchange_probe(&probe, &found, &out->why);
	}
	if (rc < 0 && out->why.code == E_CANCELLED)
		return err_set(err, E_CANCELLED);
	snprintf(out->host, sizeof out->host, "%s", host);
	snprintf(out->reply, sizeof out->reply, "%s",
	    out->why.code == E_SMTP_REPLY ? found.reply : "");
	if (rc == 0)
		out->why = (struct err){.code = E_NONE};
	out->state = rc == 0 ? MAILBOX_ACCEPTED : state_of_reply(&found);
	return out->state != MAILBOX_UNKNOWN || found.stage == SMTP_STAGE_RCPT;
}

static int
ask_hosts(const struct mailbox_how *how, const struct mx_list *list,
    const char *mailbox, struct mailbox_answer *out, struct err *err)
{
	int got = 0;

	for (size_t i = 0; i < list->count && i < HOSTS_ASKED && !got; i++)
		got = ask_host(how, list->host[i].name, mailbox, out, err);
	return got < 0 ? -1 : 0;
}

static int
find_hosts(const struct mailbox_how *how, const char *domain,
    struct mx_list *out, struct err *why, struct err *err)
{
	struct resolver *resolver = how->world->resolver;
	struct mx_question question = {.domain = domain, .self = ""};
	struct dns_answer answer = {0};
	int rc = resolver->ask(resolver,
	    &(struct dns_question){domain, DNS_MX, how->cancel}, &answer, why);

	out->kind = MX_LATER;
	if (rc == 0)
		mx_read(&question, &answer, out, why);
	dns_answer_done(&answer);
	return why->code == E_CANCELLED ? err_set(err, E_CANCELLED) : 0;
}

static int
ask(const struct mailbox_how *how, const char *domain, const char *mailbox,
    struct mailbox_answer *out, struct err *err)
{
	struct mx_list list = {.count = 0};

	if (!how->world->resolver) {
		err_set(&out->why, E_DNS_LATER);
		err_fact(&out->why, "domain", span_of(domain));
		return 0;
	}
	if (find_hosts(how, domain, &list, &out->why, err) < 0)
		return -1;
	if (list.kind == MX_REFUSED)
		out->state = MAILBOX_REFUSED;
	else if (list.kind != MX_LATER)
		return ask_hosts(how, &list, mailbox, out, err);
	return 0;
}

int
mailbox_ask(const struct mailbox_how *how, struct span address,
    struct mailbox_answer *out, struct err *err)
{
	struct arena *arena = arena_new();
	struct address read;
	int rc = 0;

	*out = (struct mailbox_answer){.state = MAILBOX_UNKNOWN};
	if (address_parse(address, arena, &read, &out->why) < 0) {
		out->state = MAILBOX_REFUSED;
	} else {
		char *domain = mem_text(read.domain);
		char *mailbox = mem_text(read.wire);

		rc = ask(how, domain, mailbox, out, err);
		free(domain);
		free(mailbox);
	}
	arena_free(&arena);
	return rc;
}
