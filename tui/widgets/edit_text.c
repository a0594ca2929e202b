/* Text in one flat buffer: mails are small (at most 1 MiB), so moving the tail
 * at each key costs microseconds and nothing can be wrong about it.  History
 * is a list of replaced pieces; the oldest go when it grows too large. */
#include "tui/widgets/edit_text.h"

#include <stdlib.h>

#include "core/base/mem.h"

static void
free_step(struct edit_text *edit, struct edit_step *step)
{
	edit->octets -= step->removed.len + step->inserted.len;
	buf_wipe(&step->removed);
	buf_wipe(&step->inserted);
}

void
edit_forget(struct edit_text *edit)
{
	for (size_t i = 0; i < edit->step_count; i++)
		free_step(edit, &edit->steps[i]);
	free(edit->steps);
	edit->steps = NULL;
	edit->step_count = edit->step_at = 0;
}

void
edit_done(struct edit_text *edit)
{
	edit_forget(edit);
	buf_wipe(&edit->text);
}

static void
splice(struct edit_text *edit, size_t from, size_t to, struct span s)
{
	struct buf *text = &edit->text;
	size_t tail = text->len - to;

	buf_reserve(text, s.len);
	memmove(text->ptr + from + s.len, text->ptr + to, tail);
	if (s.len > 0)
		memcpy(text->ptr + from, s.ptr, s.len);
	text->len = from + s.len + tail;
	text->ptr[text->len] = '\0';
	edit->revision++;
}

static void
drop_redo(struct edit_text *edit)
{
	while (edit->step_count > edit->step_at)
		free_step(edit, &edit->steps[--edit->step_count]);
}

static void
drop_oldest(struct edit_text *edit)
{
	free_step(edit, &edit->steps[0]);
	memmove(edit->steps, edit->steps + 1,
	    (edit->step_count - 1) * sizeof *edit->steps);
	edit->step_count--;
	edit->step_at--;
}

/* The last step when this edit goes on typing or deleting where it ended. */
static struct edit_step *
open_step(struct edit_text *edit, size_t from, size_t to, enum edit_join join)
{
	struct edit_step *last;

	if (join == EDIT_ALONE || edit->step_at == 0)
		return NULL;
	last = &edit->steps[edit->step_at - 1];
	if (!last->open || from != to || last->removed.len > 0 ||
	    from != last->at + last->inserted.len)
		return NULL;
	return last;
}

static struct edit_step *
new_step(struct edit_text *edit, size_t at)
{
	struct edit_step *step;

	while (edit->step_count >= UNDO_STEPS_MAX ||
	       (edit->step_count > 0 && edit->octets > UNDO_OCTETS_MAX))
		drop_oldest(edit);
	edit->steps =
	    mem_grow(edit->steps, (edit->step_count + 1) * sizeof *edit->steps);
	step = &edit->steps[edit->step_count++];
	edit->step_at = edit->step_count;
	*step = (struct edit_step){.at = at};
	return step;
}

void
edit_replace(struct edit_text *edit, size_t from, size_t to, struct span s,
    enum edit_join join)
{
	struct edit_step *step;

	if (from == to && s.len == 0)
		return;
	drop_redo(edit);
	step = open_step(edit, from, to, join);
	if (!step)
		step = new_step(edit, from);
	step->open = join == EDIT_JOIN;
	buf_add(&step->removed, span_slice(buf_span(&edit->text), from, to));
	buf_add(&step->inserted, s);
	edit->octets += to - from + s.len;
	splice(edit, from, to, s);
}

void
edit_break(struct edit_text *edit)
{
	if (edit->step_at > 0)
		edit->steps[edit->step_at - 1].open = false;
}

bool
edit_undo(struct edit_text *edit, size_t *at)
{
	struct edit_step *step;

	if (edit->step_at == 0)
		return false;
	step = &edit->steps[--edit->step_at];
	step->open = false;
	splice(edit, step->at, step->at + step->inserted.len,
	    buf_span(&step->removed));
	*at = step->at + step->removed.len;
	return true;
}

bool
edit_redo(struct edit_text *edit, size_t *at)
{
	struct edit_step *step;

	if (edit->step_at == edit->step_count)
		return false;
	step = &edit->steps[edit->step_at++];
	splice(edit, step->at, step->at + step->removed.len,
	    buf_span(&step->inserted));
	*at = step->at + step->inserted.len;
	return true;
}
