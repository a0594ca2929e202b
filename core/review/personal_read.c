/* Which columns are personal, and the index of everybody on a list. */
#include "core/review/personal.h"

#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/words.h"

/* Where nobody has said which. */
static const char usual_columns[] =
    "会員番号,顧客番号,お客様番号,電話,携帯,住所,番地,カード番号,口座,メール,"
    "mail,email,phone,tel,telephone,mobile,fax,address,street,card no,"
    "card number,iban,account no,account number,customer no,customer number,"
    "customer id,member no,member number,member id";

enum { COLUMNS_MAX = 256, ASK_EVERY = 1024 };

/* ---- Names ----------------------------------------------------------------- */

/* The next entry, without blanks around it; false at the end. */
static bool
next_entry(struct span *rest, struct span *entry)
{
	static const char comma[] = "、";
	size_t end = span_index(*rest, ','), other, skip = 1;

	if (!rest->len)
		return false;
	other = span_search(*rest, SPAN(comma));
	if (other < end) {
		end = other;
		skip = sizeof comma - 1;
	}
	*entry = span_trim(span_slice(*rest, 0, end));
	*rest = span_slice(*rest, end + skip, rest->len);
	return true;
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_letter(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z');
}

/* The next word of ASCII letters; CustomerNo are two. */
static struct span
next_word(struct span *rest)
{
	size_t from = 0, to;

	while (from < rest->len && !is_letter(rest->ptr[from]))
		from++;
	for (to = from; to < rest->len && is_letter(rest->ptr[to]); to++) {
		if (to > from && is_upper(rest->ptr[to]) &&
		    !is_upper(rest->ptr[to - 1]))
			break;
	}
	struct span word = span_slice(*rest, from, to);

	*rest = span_slice(*rest, to, rest->len);
	return word;
}

static bool
has_word(struct span name, struct span wanted)
{
	struct span word;

	while ((word = next_word(&name)).len) {
		if (span_equal_nocase(word, wanted))
			return true;
	}
	return false;
}

static bool
has_all_words(struct span name, struct span entry)
{
	struct span word = next_word(&entry);

	if (!word.len)
		return false;
	for (; word.len; word = next_word(&entry)) {
		if (!has_word(name, word))
			return false;
	}
	return true;
}

static bool
is_plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

static bool
stands_in(struct span name, struct span entry)
{
	uint32_t cp;
	size_t len;

	do {
		if (fold_starts(name, entry, &len))
			return true;
	} while (fold_next(&name, &cp));
	return false;
}

bool
personal_column(struct span name, struct span entries)
{
	struct span entry;

	while (next_entry(&entries, &entry)) {
		if (entry.len && (is_plain(entry) ? has_all_words(name, entry)
						  : stands_in(name, entry)))
			return true;
	}
	return false;
}

/* ---- Members --------------------------------------------------------------- */

/* The columns seen so far, so that a name is judged once. */
struct columns {
	struct buf name[COLUMNS_MAX];
	bool is_personal[COLUMNS_MAX];
	size_t count;
	struct buf entries, plain;
};

static bool
column_is_personal(struct columns *columns, struct span key, size_t hint)
{
	size_t i;

	if (hint < columns->count &&
	    json_is(key, buf_span(&columns->name[hint])))
		return columns->is_personal[hint];
	for (i = 0; i < columns->count; i++) {
		if (json_is(key, buf_span(&columns->name[i])))
			return columns->is_personal[i];
	}
	buf_clear(&columns->plain);
	json_unescape(key, &columns->plain);
	if (i == COLUMNS_MAX)
		return personal_column(
		    buf_span(&columns->plain), buf_span(&columns->entries));
	buf_add(&columns->name[i], buf_span(&columns->plain));
	columns->is_personal[i] = personal_column(
	    buf_span(&columns->name[i]), buf_span(&columns->entries));
	columns->count++;
	return columns->is_personal[i];
}

static bool
add_member(
    struct personal *personal, struct columns *columns, struct stmt *stmt)
{
	struct json_walk walk;
	struct span key, value;
	bool room;
	size_t at = 0;

	room = personal_add(personal, PERSONAL_ADDRESS, stmt_col_text(stmt, 0));
	json_begin(&walk, stmt_col_text(stmt, 1));
	while (room && json_next(&walk, &key, &value) == 1) {
		if (!column_is_personal(columns, key, at++))
			continue;
		buf_clear(&columns->plain);
		json_show(walk.type, value, &columns->plain);
		room = personal_add(
		    personal, PERSONAL_COLUMN, buf_span(&columns->plain));
	}
	return room;
}

static int
add_members(struct personal *personal, struct columns *columns, struct db *db,
    int64_t list, const atomic_bool *stop, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.address, c.fields FROM member m"
	    " JOIN contact c ON c.id = m.contact WHERE m.list = ?1",
	    err);
	unsigned rows = 0;
	int got, columns_found = 0;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (++rows % ASK_EVERY == 0 && stop && atomic_load(stop)) {
			got = err_set(err, E_CANCELLED);
			break;
		}
		if (!add_member(personal, columns, stmt)) {
			got = 0;
			break;
		}
	}
	stmt_reset(stmt);
	for (size_t i = 0; i < columns->count; i++)
		columns_found += columns->is_personal[i];
	personal_found_columns(personal, columns_found);
	return got;
}

/* ---- What is allowed ------------------------------------------------------- */

typedef void take_text(struct personal *personal, struct span text);

/* Hands over each line of a setting. */
static int
take_setting(struct personal *personal, struct db *db, const char *name,
    take_text *take, struct err *err)
{
	struct buf value = BUF_INIT;
	struct span rest, line;
	int rc = setting_read(db, name, &value, err);

	rest = buf_span(&value);
	while (rest.len) {
		line = span_trim(span_cut(&rest, '\n'));
		if (line.len)
			take(personal, line);
	}
	buf_done(&value);
	return rc;
}

static void
take_host(struct personal *personal, struct span address)
{
	size_t at = span_index(address, '@');

	if (at < address.len)
		personal_allow_domain(
		    personal, span_slice(address, at + 1, address.len));
}

static void
take_domains(struct personal *personal, struct span line)
{
	struct span entry;

	while (next_entry(&line, &entry))
		personal_allow_domain(personal, entry);
}

static int
take_ours(struct personal *personal, struct db *db,
    const struct campaign *campaign, struct err *err)
{
	static const struct {
		const char *name;
		take_text *take;
	} all[] = {
	    {"legal.name", personal_allow},
	    {"legal.postal", personal_allow},
	    {"legal.contact", personal_allow},
	    {"unsubscribe.mailto", personal_allow},
	    {"sender.address", personal_allow},
	    {"sender.reply_to", personal_allow},
	    {"personal.allow", personal_allow},
	    {"sender.domains", take_domains},
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (take_setting(personal, db, all[i].name, all[i].take, err) <
		    0)
			return -1;
	}
	personal_allow(personal, buf_span(&campaign->from_address));
	personal_allow(personal, buf_span(&campaign->reply_to));
	take_host(personal, buf_span(&campaign->from_address));
	personal_written(personal, buf_span(&campaign->subject));
	personal_written(personal, buf_span(&campaign->preheader));
	personal_written(personal, buf_span(&campaign->body));
	return 0;
}

static int
read_entries(struct columns *columns, struct db *db, struct err *err)
{
	if (setting_read(db, "personal.columns", &columns->entries, err) < 0)
		return -1;
	if (!columns->entries.len)
		buf_text(&columns->entries, usual_columns);
	return 0;
}

int
personal_read(struct db *db, const struct campaign *campaign,
    const atomic_bool *stop, struct personal **out, struct err *err)
{
	struct columns *columns = mem_new(sizeof *columns);
	struct personal *personal = personal_new();
	int rc = -1;

	if (read_entries(columns, db, err) == 0 &&
	    take_ours(personal, db, campaign, err) == 0)
		rc = add_members(
		    personal, columns, db, campaign->list, stop, err);
	for (size_t i = 0; i < columns->count; i++)
		buf_done(&columns->name[i]);
	buf_done(&columns->entries);
	buf_done(&columns->plain);
	free(columns);
	if (rc < 0) {
		personal_free(&personal);
		return -1;
	}
	personal_ready(personal);
	*out = personal;
	return 0;
}
