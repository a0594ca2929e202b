/* What the DNS doctor is to know: where mail leaves from, which block lists are
 * asked, and how often it looks by itself. */
#include "tui/screens/setup_page.h"
#include "tui/text/i18n.h"

enum {
	F_HEAD_EGRESS,
	F_EGRESS,
	F_HEAD_LISTS,
	F_ADDRESSES,
	F_NAMES,
	F_HEAD_TIME,
	F_HOURS,
	F_COUNT
};

/* The fields hold lines of a setting, parted by blanks. */
static const struct {
	int field;
	const char *name;
} lines[] = {
    {F_EGRESS, "egress.addresses"},
    {F_ADDRESSES, "blocklist.addresses"},
    {F_NAMES, "blocklist.names"},
};
enum { LINES = sizeof lines / sizeof *lines };

static void
add_lines(struct span text, struct buf *out)
{
	while (text.len) {
		struct span word = span_trim(span_cut(&text, ' '));

		if (!word.len)
			continue;
		buf_text(out, out->len ? "\n" : "");
		buf_add(out, word);
	}
}

static void
check_lines(const char *name, struct span text, struct buf *why)
{
	struct buf value = BUF_INIT;

	add_lines(text, &value);
	setup_check(name, buf_span(&value), why);
	buf_done(&value);
}

static void
check_egress(struct span text, struct buf *why)
{
	check_lines("egress.addresses", text, why);
}

static void
check_names(struct span text, struct buf *why)
{
	check_lines("blocklist.names", text, why);
}

static void
check_hours(struct span text, struct buf *why)
{
	setup_check("doctor.hours", text, why);
}

#define WORDS(name, words, tip, checker)                                       \
	[name] = {.label = (words),                                            \
	    .kind = FIELD_TEXT,                                                \
	    .max = 500,                                                        \
	    .hint = (tip),                                                     \
	    .check = (checker)}

static const struct field_spec fields[F_COUNT] = {
    [F_HEAD_EGRESS] = {.label = N_("Where mail leaves from"),
	.kind = FIELD_GAP},
    WORDS(F_EGRESS, N_("IP addresses"),
	N_("As receivers see them, parted by blanks."), check_egress),
    [F_HEAD_LISTS] = {.label = N_("Block lists to ask (none: none is asked)"),
	.kind = FIELD_GAP},
    WORDS(F_ADDRESSES, N_("For addresses"),
	N_("Zones, parted by blanks. Read their terms of use."), check_names),
    WORDS(F_NAMES, N_("For domains"),
	N_("Zones, parted by blanks. Read their terms of use."), check_names),
    [F_HEAD_TIME] = {.label = N_("By itself"), .kind = FIELD_GAP},
    [F_HOURS] = {.label = N_("Every so many hours"),
	.kind = FIELD_NUMBER,
	.cols = 8,
	.max = 3,
	.hint = N_("0: never by itself. Home tells what turned."),
	.check = check_hours},
};

const struct setup_field setup_doctor_fields[] = {
    {F_HOURS, "doctor.hours"},
    {0, NULL},
};

static void
load_lines(struct setup_page *self)
{
	struct err err = {.code = E_NONE};
	struct buf value = BUF_INIT;
	struct db *db = NULL;
	int rc = store_view_open(app_store(self->base.app), &db, &err);

	for (int i = 0; i < LINES && rc == 0; i++) {
		buf_clear(&value);
		rc = setting_read(db, lines[i].name, &value, &err);
		for (size_t n = 0; n < value.len; n++) {
			if (value.ptr[n] == '\n')
				value.ptr[n] = ' ';
		}
		form_set(self->form, lines[i].field, buf_span(&value));
	}
	if (rc < 0)
		app_say_err(self->base.app, &err);
	form_set_saved(self->form);
	buf_done(&value);
	store_reader_close(&db);
}

static void
change_lines(const struct form *form, struct setup_changes *changes)
{
	for (int i = 0; i < LINES; i++) {
		struct buf value = BUF_INIT;

		add_lines(form_text(form, lines[i].field), &value);
		setup_change(changes, lines[i].name, buf_span(&value));
		buf_done(&value);
	}
}

static const struct setup_page_kind doctor_kind = {
    .title = N_("Domain health: settings"),
    .spec = fields,
    .count = F_COUNT,
    .fields = setup_doctor_fields,
    .load = load_lines,
    .change = change_lines,
};
static const struct screen_ops doctor_ops = SETUP_PAGE_OPS("setup-doctor");

void
setup_doctor_open(struct app *app)
{
	setup_page_open(app, &doctor_ops, &doctor_kind);
}
