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

/* A sample to be read: to its end, then a verdict, which is refused for as long
 * as it stands there too short. */
static enum play_answer
look(struct play_answers *self, struct span screen, struct buf *keys)
{
	self->was_end = !self->was_end;
	if (sees(screen, _("All samples were read to their end.")))
		buf_char(keys, 'q');
	else
		buf_char(keys, self->was_end ? 'G' : '\r');
	return PLAY_TYPE;
}

/* A statement to be made, or a tick. */
static enum play_answer
attest(struct play_answers *self, struct span screen, struct buf *keys)
{
	self->asked = PLAY_ASKED_SENTENCE;
	if (sees(screen, "\n > ?"))
		buf_char(keys, '\r');
	else
		buf_char(keys, sees(screen, "\n   ?") ? 'j' : 'q');
	return PLAY_TYPE;
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
	if (sees(footer(screen), _("Tick, say")))
		return attest(self, screen, keys);
	if (sees(footer(screen), _("It is right")))
		return look(self, screen, keys);
	if (sees(footer(screen), _("Seal")) && cursor_line(screen).len)
		return go_on(self, screen, keys);
	return PLAY_WAIT;
}
