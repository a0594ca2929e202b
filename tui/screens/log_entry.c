/* One entry of the audit log, whole. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/log.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

void
log_line_set(struct log_line *line, const struct audit_entry *entry)
{
	struct buf *const to[] = {&line->who, &line->origin, &line->what,
	    &line->object, &line->facts};
	const struct span from[] = {entry->who, entry->origin, entry->what,
	    entry->object, entry->facts};

	line->seq = entry->seq;
	line->at_ms = entry->at_ms;
	line->prev = entry->prev;
	line->hash = entry->hash;
	for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
		buf_clear(to[i]);
		buf_add(to[i], from[i]);
	}
}

void
log_line_done(struct log_line *line)
{
	buf_done(&line->who);
	buf_done(&line->origin);
	buf_done(&line->what);
	buf_done(&line->object);
	buf_done(&line->facts);
}

struct entry_page {
	struct screen base;
	struct pager *pager;
	int64_t seq;
};

static void
add_fact(struct pager *pager, const char *label, struct span value)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s\n    ", label);
	pager_add(pager, ROLE_HEAD, buf_span(&line));
	pager_add(pager, ROLE_TEXT, value.len ? value : SPAN("-"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	buf_done(&line);
}

/* Each on a line of its own; a change shows what was and what is. */
static void
add_facts(struct pager *pager, struct span facts)
{
	struct buf before = BUF_INIT, after = BUF_INIT;

	if (audit_fact_find(facts, "before", &before) &&
	    audit_fact_find(facts, "value", &after)) {
		add_fact(pager, _("Before"), buf_span(&before));
		add_fact(pager, _("After"), buf_span(&after));
	} else {
		add_fact(pager, _("Facts"), facts);
	}
	buf_done(&before);
	buf_done(&after);
}

static void
fill_entry(struct pager *pager, const struct log_line *line)
{
	struct buf text = BUF_INIT;

	format_date(&text, line->at_ms);
	buf_char(&text, ' ');
	format_clock(&text, line->at_ms);
	add_fact(pager, _("Time"), buf_span(&text));
	add_fact(pager, _("Who"), buf_span(&line->who));
	add_fact(pager, _("From"), buf_span(&line->origin));
	add_fact(pager, _("What"), buf_span(&line->what));
	add_fact(pager, _("Object"), buf_span(&line->object));
	add_facts(pager, buf_span(&line->facts));
	buf_clear(&text);
	crypt_hex(&text, span_make(line->prev.bytes, sizeof line->prev.bytes));
	add_fact(pager, _("Mark of the entry before"), buf_span(&text));
	buf_clear(&text);
	crypt_hex(&text, span_make(line->hash.bytes, sizeof line->hash.bytes));
	add_fact(pager, _("Mark of this entry"), buf_span(&text));
	buf_done(&text);
}

static void
entry_title(struct screen *screen, struct buf *out)
{
	struct buf number = BUF_INIT;

	format_count(&number, ((struct entry_page *)screen)->seq);
	buf_printf(out, _("Entry %s"), number.ptr);
	buf_done(&number);
}

static void
entry_draw(struct screen *screen, struct area body)
{
	pager_draw(((struct entry_page *)screen)->pager, area_cols(body, 1, -2),
	    FOCUS_ON);
}

static enum used
entry_key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct entry_page *)screen)->pager, key);
}

static const enum action *
entry_footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
entry_close(struct screen *screen)
{
	struct entry_page *self = (struct entry_page *)screen;

	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops entry_ops = {
    .name = "log-entry",
    .section = 7,
    .title = entry_title,
    .draw = entry_draw,
    .key = entry_key,
    .footer = entry_footer,
    .close = entry_close,
};

void
log_entry_open(struct app *app, const struct log_line *line)
{
	struct entry_page *page = mem_new(sizeof *page);

	page->base.ops = &entry_ops;
	page->seq = line->seq;
	page->pager = pager_new(PAGER_WRAP, GATE_RAW);
	fill_entry(page->pager, line);
	app_push(app, &page->base);
}
