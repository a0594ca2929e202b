/* The reasons of samples, one phrase each; those about a field, a section or a
 * house name it. */
#include "tui/text/sample_text.h"

#include <assert.h>

#include "core/net/group.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const char *const phrases[] = {
    [SAMPLE_FAULT] = N_("no mail: %s is missing"),
    [SAMPLE_FALLBACK] = N_("fallback for %s"),
    [SAMPLE_SHOWN] = N_("section %s is there"),
    [SAMPLE_NOT_SHOWN] = N_("section %s is not there"),
    [SAMPLE_NAME_NONE] = N_("no name"),
    [SAMPLE_NAME_SHORTEST] = N_("shortest name"),
    [SAMPLE_NAME_LONGEST] = N_("longest name"),
    [SAMPLE_VALUE_LONGEST] = N_("longest %s"),
    [SAMPLE_EMOJI] = N_("emoji"),
    [SAMPLE_KANJI] = N_("kanji outside JIS X 0208"),
    [SAMPLE_SCRIPT] = N_("another script"),
    [SAMPLE_RTL] = N_("right-to-left letters"),
    [SAMPLE_CONTROL] = N_("invisible characters"),
    [SAMPLE_PRIVATE] = N_("private-use characters"),
    [SAMPLE_SUBJECT] = N_("widest subject"),
    [SAMPLE_BIGGEST] = N_("biggest message"),
    [SAMPLE_CHARSET] = N_("not in ISO-2022-JP"),
    [SAMPLE_FILES_MOST] = N_("largest files of one's own"),
    [SAMPLE_FILES_LEAST] = N_("smallest files of one's own"),
    [SAMPLE_CARRIER] = N_("address in quotes"),
    [SAMPLE_HOUSE] = N_("mail at %s"),
};
static_assert(
    sizeof phrases / sizeof *phrases == SAMPLE_REASONS, "word every reason");

void
sample_text(const struct sample *sample, struct buf *out)
{
	const char *phrase = phrases[sample->reason];
	struct span rest, before;
	size_t at;

	if (sample->reason == SAMPLE_FAULT && sample->what.len == 0)
		phrase = N_("no mail can be made");
	if (sample->reason == SAMPLE_HOUSE &&
	    span_equal(sample->what, span_of(group_name(GROUP_OTHER))))
		phrase = N_("mail at other providers");
	rest = span_of(_(phrase));
	at = span_search(rest, SPAN("%s"));
	before = span_slice(rest, 0, at);
	buf_add(out, before);
	if (at == rest.len)
		return;
	buf_add(out, sample->what);
	buf_add(out, span_slice(rest, at + 2, rest.len));
}

void
sample_measure(const struct sample *sample, struct buf *out)
{
	if (sample->count > 0)
		format_count(out, sample->count);
	else if (sample->reason == SAMPLE_BIGGEST ||
		 sample->reason == SAMPLE_FILES_MOST ||
		 sample->reason == SAMPLE_FILES_LEAST)
		format_size(out, sample->measure);
	else
		buf_printf(out, P_("%d cell", "%d cells", (int)sample->measure),
		    (int)sample->measure);
}
