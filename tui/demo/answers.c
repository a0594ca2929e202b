/* How the played demo goes through the checklist: by what it sees, like a person
 * who answers whatever is open, so that it goes on when lines are added. */
#include "tui/demo/answers.h"

#include "core/base/buf.h"
#include "tui/text/i18n.h"

static bool
sees(struct span screen, const char *text)
{
	return span_search(screen, span_of(text)) < screen.len;
}

/* What stands behind the number in a text of the catalogue. */
static const char *
behind_number(const char *text)
{
	const char *at = strstr(text, "%zu");

	return at ? at + strlen("%zu") : text;
}

/* The line of the list that the cursor is on; empty when there is none. */
static struct span
cursor_line(struct span screen)
{
	while (screen.len) {
		struct span line = span_cut(&screen, '\n');

		if (span_starts(line, SPAN(" > ")))
			return line;
	}
	return (struct span){0};
}

/* The last line: what keys do here. */
static struct span
footer(struct span screen)
{
	struct span last = {0};

	while (screen.len) {
		struct span line = span_cut(&screen, '\n');

		if (span_trim(line).len)
			last = line;
	}
	return last;
}

/* A dialog asks for the line that was chosen last. */
static enum play_answer
fill(struct play_answers *self, struct buf *keys)
{
	if (self->asked == PLAY_ASKED_COUNT)
		buf_text(keys, "293");
	else if (self->asked == PLAY_ASKED_CODES)
		buf_printf(keys, "%s %s", self->code[0], self->code[1]);
	else
		buf_text(keys, "A practice run of the demo, "
			       "no real recipient.");
	buf_char(keys, '\r');
	return PLAY_TYPE;
}

/* A sample to be read. */
static enum play_answer
look(struct span screen, struct buf *keys)
{
	if (sees(screen, _("Read it to its end first.")))
		buf_char(keys, 'G');
	else if (sees(screen,
		     behind_number(P_("? %zu sample is open: is this mail "
				      "right?",
			 "? %zu samples are open: is this mail right?", 1))) ||
		 sees(screen,
		     behind_number(P_("? %zu sample is open: is this mail "
				      "right?",
			 "? %zu samples are open: is this mail right?", 2))))
		buf_char(keys, '\r');
	return keys->len ? PLAY_TYPE : PLAY_WAIT;
}

/* The next open line, or that one's answer. */
static enum play_answer
go_on(struct play_answers *self, struct span screen, struct buf *keys)
{
	struct span line = cursor_line(screen);
	bool stays = span_equal(line, buf_span(&self->line));

	buf_clear(&self->line);
	buf_add(&self->line, line);
	if (sees(line, _("answer needed"))) {
		self->asked =
		    sees(line, _("you know how many people get this"))
			? PLAY_ASKED_COUNT
		    : sees(line, _("a test mail was read, both parts of it"))
			? PLAY_ASKED_CODES
			: PLAY_ASKED_SENTENCE;
		buf_char(keys, '\r');
	} else {
		/* where "down" moves nothing the list begins anew */
		buf_char(keys, stays ? 'g' : 'j');
	}
	return PLAY_TYPE;
}

enum play_answer
play_answers_next(
    struct play_answers *self, struct span screen, struct buf *keys)
{
	buf_clear(keys);
	/* over a dialog no key leads back; its hint may be under a message */
	if (!sees(footer(screen), _("Back")))
		return fill(self, keys);
	if (sees(screen, _("+ Everything is done. ^N seals the campaign.")))
		return PLAY_ANSWERED;
	if (sees(screen, _("+ All samples were read to their end.")) ||
	    sees(screen, _("+ Everything is ticked and said."))) {
		buf_char(keys, 'q');
		return PLAY_TYPE;
	}
	if (sees(
		screen, _("? Enter ticks a line, or asks for the sentence."))) {
		self->asked = PLAY_ASKED_SENTENCE;
		buf_char(keys, '\r');
		return PLAY_TYPE;
	}
	if (sees(screen, _("It is right")))
		return look(screen, keys);
	if (sees(screen, _("Seal")) && cursor_line(screen).len)
		return go_on(self, screen, keys);
	return PLAY_WAIT;
}
