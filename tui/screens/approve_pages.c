/* What an approver reads: pages out of a dossier, each text of it foreign. */
#include "tui/screens/approve_pages.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/check_text.h"
#include "tui/screens/differences.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

/* ---- The summary ---------------------------------------------------------------- */

static void
line(struct pager *pager, const char *label, struct span value)
{
	pager_add_str(pager, ROLE_DIM, label);
	pager_add_str(pager, ROLE_DIM, ": ");
	pager_add(pager, ROLE_TEXT, value);
	pager_add_str(pager, ROLE_TEXT, "\n");
}

static void
line_int(struct pager *pager, const char *label, int64_t value)
{
	struct buf text = BUF_INIT;

	format_count(&text, value);
	line(pager, label, buf_span(&text));
	buf_done(&text);
}

static struct span
class_of(struct span word)
{
	static const char *const words[][2] = {{"ad", N_("advertisement")},
	    {"tx", N_("transaction")}, {"notice", N_("mandated notice")}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (span_equal(word, span_of(words[i][0])))
			return span_of(_(words[i][1]));
	}
	return word;
}

static void
add_value(
    struct pager *pager, enum role role, const char *sign, struct span value)
{
	pager_add_str(pager, role, sign);
	pager_add(pager, role, value.len ? value : span_of(_("(nothing)")));
	pager_add_str(pager, role, "\n");
}

static void
add_item(struct pager *pager, const struct compared_item *item)
{
	struct buf count = BUF_INIT, text = BUF_INIT;

	pager_add_str(pager,
	    item->kind <= CONSEQUENCE_RELAY ? ROLE_WARN : ROLE_HEAD,
	    difference_title(item->kind));
	pager_add_str(pager, ROLE_TEXT, "\n");
	if (item->kind == CONSEQUENCE_JOINED ||
	    item->kind == CONSEQUENCE_LEFT) {
		format_count(&count, item->count);
		buf_printf(&text, P_("%s person", "%s people", item->count),
		    count.ptr);
		add_value(pager, ROLE_TEXT, "  ", buf_span(&text));
	} else {
		if (item->before.len)
			add_value(pager, ROLE_ERR, "- ", item->before);
		if (item->now.len)
			add_value(pager, ROLE_OK, "+ ", item->now);
	}
	buf_done(&count);
	buf_done(&text);
}

/* The same lines stand in the manifest below, which is what is signed. */
static void
add_differences(struct pager *pager, const struct compared *before)
{
	struct span day = span_slice(before->at, 0, 10);
	struct buf text = BUF_INIT;

	if (!before->is_there)
		return;
	pager_add_str(pager, ROLE_HEAD, "\n");
	pager_add_str(pager, ROLE_HEAD, _("What is new since the last time"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	if (!before->campaign) {
		buf_text(&text,
		    _("Nothing was launched to this list or of this kind "
		      "before: there is nothing to compare with."));
	} else {
		char at[16];

		span_text(at, sizeof at, day);
		difference_base(before->like, before->name, at, &text);
		if (!before->count)
			buf_printf(&text, "\n%s",
			    _("Nothing is new: sender, links, ways and people "
			      "are the same."));
	}
	pager_add(pager, ROLE_TEXT, buf_span(&text));
	pager_add_str(pager, ROLE_TEXT, "\n");
	for (size_t i = 0; i < before->count; i++)
		add_item(pager, &before->all[i]);
	buf_done(&text);
}

void
approve_summary(const struct dossier *dossier, struct pager *pager)
{
	const struct approval_text *subject = &dossier->subject;
	struct buf text = BUF_INIT;

	pager_clear(pager);
	line(pager, _("Campaign"), subject->name);
	line_int(pager, _("Recipients"), subject->recipients);
	line(pager, _("Subject"), subject->subject);
	line(pager, _("Sender"), subject->from);
	line(pager, _("Class"), class_of(subject->class));
	if (subject->first_ms)
		statement_time(subject->first_ms, &text);
	else
		buf_text(&text, _("now: as soon as it is launched"));
	line(pager, _("First sending"), buf_span(&text));
	line(pager, _("Sealed by"), dossier->sealed_by);
	buf_clear(&text);
	crypt_hex(&text, span_make(subject->manifest.bytes, SHA256_LEN));
	line(pager, _("SHA-256 of what is sealed"), buf_span(&text));
	for (size_t i = 0; i < subject->overrides; i++) {
		pager_add_str(pager, ROLE_DANGER, "\n");
		pager_add_str(
		    pager, ROLE_DANGER, _("You are asked to override:"));
		pager_add_str(pager, ROLE_DANGER, " ");
		pager_add(pager, ROLE_DANGER, subject->override[i].check);
		pager_add_str(pager, ROLE_TEXT, "\n");
		pager_add(pager, ROLE_TEXT, subject->override[i].asked);
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
	add_differences(pager, &dossier->before);
	pager_add_str(pager, ROLE_HEAD, "\n");
	pager_add_str(pager, ROLE_HEAD, _("What is sealed, as it is signed"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add(pager, ROLE_DIM, dossier->manifest);
	buf_done(&text);
}

/* ---- The checklist, a mail ------------------------------------------------------- */

static const struct check *
check_of_id(struct span id)
{
	size_t count;
	const struct check *all = check_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (span_equal(span_of(all[i].id), id))
			return &all[i];
	}
	return NULL;
}

static void
add_check(struct pager *pager, const struct dossier_check *from)
{
	const struct check *check = check_of_id(from->id);
	struct check_result *result = mem_new(sizeof *result);

	result->check = check;
	result->state = (enum check_state)(
	    from->state < CHECK_STATES ? from->state : CHECK_STALE);
	result->count = from->count;
	result->cleared = true;
	span_text(result->answer, sizeof result->answer, from->answer);
	span_text(result->facts, sizeof result->facts, from->facts);
	if (check) {
		pager_add_str(pager, check_role(result), check_sign(result));
		pager_add_str(pager, ROLE_TEXT, " ");
		pager_add_str(pager, ROLE_TEXT, check_title(check->id, result));
	} else {
		pager_add(pager, ROLE_TEXT, from->id);
	}
	pager_add_str(pager, ROLE_TEXT, "\n");
	if (from->answer.len) {
		pager_add_str(pager, ROLE_WARN, "    ");
		pager_add(pager, ROLE_WARN, from->by);
		pager_add_str(pager, ROLE_WARN, ": ");
		pager_add(pager, ROLE_WARN, from->answer);
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
	free(result);
}

void
approve_checks(const struct dossier *dossier, struct pager *pager)
{
	pager_clear(pager);
	for (size_t i = 0; i < dossier->checks; i++)
		add_check(pager, &dossier->check[i]);
}

void
approve_mail(const struct dossier *dossier, size_t sample, struct pager *pager)
{
	const struct dossier_sample *mail = &dossier->sample[sample];

	pager_clear(pager);
	line(pager, _("To"), mail->address);
	line(pager, _("Name"), mail->name);
	line(pager, _("Subject"), mail->subject);
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add(pager, ROLE_TEXT, mail->text);
	pager_add_str(pager, ROLE_HEAD, "\n\n");
	pager_add_str(pager, ROLE_HEAD, _("The HTML part, as it is read"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add(pager, ROLE_TEXT, mail->html);
}
