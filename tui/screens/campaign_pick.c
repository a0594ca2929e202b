/* What kind of mail, in which encoding, signed and encrypted or not: the
 * questions, with what each answer means. */
#include "tui/screens/campaign_pick.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/moment.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"

void
campaign_pick_class(struct screen *owner, campaign_picked *done, int now)
{
	const char *const items[CLASS_COUNT] = {
	    [CLASS_AD] = _("advertisement: needs consent, opt-out footer"),
	    [CLASS_TX] = _("transaction: about an order or account of theirs"),
	    [CLASS_NOTICE] = _("mandated notice: the law requires it"),
	    [CLASS_TEST] = _("test: to ourselves"),
	};

	dialog_pick(owner,
	    &(struct dialog){.title = _("What kind of mail is it?"),
		.text = _("It decides the footer, who may be mailed, and what "
			  "the checklist asks."),
		.done = done},
	    items, CLASS_COUNT, (size_t)now);
}

void
campaign_pick_circle(struct screen *owner, campaign_picked *done, int now)
{
	const char *const items[CIRCLE_COUNT] = {
	    [CIRCLE_UNSAID] = _("not said"),
	    [CIRCLE_STAFF] = _("staff: people of your own house"),
	    [CIRCLE_PARTNERS] =
		_("partners: other organisations you work with"),
	    [CIRCLE_CUSTOMERS] = _("customers: everybody else"),
	};

	dialog_pick(owner,
	    &(struct dialog){.title = _("Whom is it meant for?"),
		.text = _("The checklist holds this against the colour of the "
			  "list, and stops when they differ."),
		.done = done},
	    items, CIRCLE_COUNT, (size_t)now);
}

void
campaign_pick_confidence(struct screen *owner, campaign_picked *done, int now)
{
	const char *const items[] = {
	    _("no: as the relays are set up"),
	    _("yes: only by relays that offer REQUIRETLS"),
	};

	dialog_pick(owner,
	    &(struct dialog){.title = _("Is it confidential?"),
		.text = _("A relay that offers REQUIRETLS passes it on over "
			  "verified TLS or gives it back."),
		.done = done},
	    items, sizeof items / sizeof *items, (size_t)now);
}

void
campaign_pick_charset(struct screen *owner, campaign_picked *done, int now)
{
	const char *const items[CAMPAIGN_CHARSETS] = {
	    [CHARSET_UTF_8] = _("UTF-8: every character, every mail program"),
	    [CHARSET_ISO_2022_JP] =
		_("ISO-2022-JP: for old Japanese mail programs"),
	};

	dialog_pick(owner,
	    &(struct dialog){.title = _("In which encoding?"),
		.text = _("A message with a character that ISO-2022-JP lacks "
			  "leaves as UTF-8, so that no name is written in "
			  "another way."),
		.done = done},
	    items, CAMPAIGN_CHARSETS, (size_t)now);
}

void
campaign_pick_encryption(struct screen *owner, campaign_picked *done, int now)
{
	const char *const items[ENCRYPT_COUNT] = {
	    [ENCRYPT_NEVER] = _("never"),
	    [ENCRYPT_KNOWN] = _("where a certificate is known"),
	    [ENCRYPT_ALWAYS] = _("always, or it is not sent"),
	};

	dialog_pick(owner,
	    &(struct dialog){.title = _("Encrypt with S/MIME?"),
		.text = _("With the certificates of the contacts. Subject and "
			  "addresses can be read on the way all the same."),
		.done = done},
	    items, ENCRYPT_COUNT, (size_t)now);
}

void
campaign_pick_identity(struct screen *owner, campaign_picked *done,
    const char *const *names, size_t count, int now)
{
	const char **items = mem_array(count + 1, sizeof *items);

	items[0] = _("(nobody)");
	for (size_t i = 0; i < count; i++)
		items[i + 1] = names[i];
	dialog_pick(owner,
	    &(struct dialog){.title = _("Sign with S/MIME?"),
		.text = _("Each message is signed with the certificate. It "
			  "must be made out to the address in From; Setup "
			  "imports it."),
		.done = done},
	    items, count + 1, (size_t)now > count ? 0 : (size_t)now);
	free(items);
}

void
campaign_check_moment(struct span text, struct buf *why)
{
	int64_t at_ms, until_ms;

	if (!moment_span_parse(text, &at_ms, &until_ms))
		buf_text(why, _("A day and an hour such as 2026-11-23 09:00, "
				"or two with \" - \" between them."));
}

/* How many there are, where not all of them can be mailed. */
static void
add_whole(struct buf *out, const struct audience_choice *choice)
{
	struct buf all = BUF_INIT;

	if (choice->sendable == choice->contacts)
		return;
	format_count(&all, choice->contacts);
	buf_printf(out, _(" (of %s)"), all.ptr);
	buf_done(&all);
}

char **
audience_names(
    const struct audience_choice *choice, size_t count, enum counts counts)
{
	char **names = mem_array(count + 1, sizeof *names);
	struct buf name = BUF_INIT;

	names[0] = mem_text(span_of(_("(nobody yet)")));
	for (size_t i = 0; i < count; i++) {
		buf_clear(&name);
		buf_text(&name, choice[i].name);
		if (choice[i].color != CIRCLE_UNSAID)
			buf_printf(
			    &name, "  [%s]", circle_text(choice[i].color));
		if (counts == COUNTS_SHOWN && choice[i].sendable >= 0) {
			buf_text(&name, "  ");
			format_count(&name, choice[i].sendable);
			add_whole(&name, &choice[i]);
		}
		names[i + 1] = mem_text(buf_span(&name));
	}
	buf_done(&name);
	return names;
}

void
audience_names_free(char ***names, size_t count)
{
	for (size_t i = 0; i <= count; i++)
		free((*names)[i]);
	free(*names);
	*names = NULL;
}
