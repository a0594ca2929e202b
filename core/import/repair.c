/* What could be done about a cell that holds no address as it stands.  The cell
 * is folded to ASCII look-alikes with a note beside each octet of what that
 * took, cut down to the address, and what the octets that are left needed is
 * what has to be accepted: a blank in the name before "<" costs nothing.  An
 * offer is made only where one reading is possible: a word without "@" between
 * several addresses, a blank inside one, or a sign that ends an address before
 * its "@" make none. */
#include "core/import/repair.h"

#include "core/base/buf.h"
#include "core/base/utf8.h"
#include "core/mail/address.h"

enum { CELL_MAX = 2000 }; /* octets; nothing longer is a slip */

/* The folded cell: note[i] says which repairs text.ptr[i] has taken. */
struct folded {
	struct buf text, note;
};

/* Part of a folded cell, and the repairs that led to it. */
struct part {
	size_t from, to;
	unsigned kinds;
};

const char *
import_repair_name(enum import_repair kind)
{
	switch (kind) {
	case IMPORT_REPAIR_WIDTH:
		return "width";
	case IMPORT_REPAIR_BLANK:
		return "blank";
	case IMPORT_REPAIR_TAIL:
		return "tail";
	case IMPORT_REPAIR_MAILTO:
		return "mailto";
	case IMPORT_REPAIR_NAME:
		return "name";
	case IMPORT_REPAIR_FIRST:
		return "first";
	}
	return "";
}

/* ---- Folding ----------------------------------------------------------- */

static void
fold_add(struct folded *folded, uint32_t cp, unsigned kinds)
{
	buf_utf8(&folded->text, cp);
	while (folded->note.len < folded->text.len)
		buf_char(&folded->note, (char)kinds);
}

/* False when there is something in the cell that is no slip. */
static bool
fold(struct span cell, struct folded *out)
{
	unsigned pending = 0; /* for a character that was dropped */
	enum utf8_got got;
	uint32_t cp;

	while ((got = utf8_next(&cell, &cp)) != UTF8_END) {
		uint32_t plain = address_plain_form(cp);
		unsigned kinds = pending;

		if (got == UTF8_BAD)
			return false;
		if (cp == 0x3001 || cp == 0xff64) /* ideographic comma */
			plain = ',';
		else if (cp == '\r' || cp == '\n')
			kinds |= IMPORT_REPAIR_BLANK;
		else if (cp != '\t' && (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)))
			return false;
		if (plain != cp)
			kinds |= plain && plain != ' ' ? IMPORT_REPAIR_WIDTH
						       : IMPORT_REPAIR_BLANK;
		pending = plain ? 0 : kinds;
		if (plain)
			fold_add(out, plain, kinds);
	}
	if (pending && out->note.len)
		out->note.ptr[out->note.len - 1] |= (char)pending;
	return out->text.len > 0;
}

/* ---- Cutting ----------------------------------------------------------- */

static struct span
part_text(const struct folded *folded, const struct part *part)
{
	return span_slice(buf_span(&folded->text), part->from, part->to);
}

static unsigned
notes(const struct folded *folded, size_t from, size_t to)
{
	unsigned kinds = 0;

	for (size_t i = from; i < to; i++)
		kinds |= (unsigned char)folded->note.ptr[i];
	return kinds;
}

/* Takes count octets off the front (or the end) and remembers their price. */
static void
take_front(const struct folded *folded, struct part *part, size_t count)
{
	part->kinds |= notes(folded, part->from, part->from + count);
	part->from += count;
}

static void
take_end(const struct folded *folded, struct part *part, unsigned kind)
{
	part->kinds |= notes(folded, part->to - 1, part->to) | kind;
	part->to--;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
trim(const struct folded *folded, struct part *part)
{
	const char *text = folded->text.ptr;

	while (part->from < part->to && is_blank(text[part->from]))
		take_front(folded, part, 1);
	while (part->from < part->to && is_blank(text[part->to - 1]))
		take_end(folded, part, 0);
}

/* What stands between angle brackets; false when they do not match. */
static bool
unwrap_name(const struct folded *folded, struct part *part)
{
	struct span text = part_text(folded, part);
	size_t open = span_index(text, '<'), close = span_index(text, '>');

	if (open == text.len && close == text.len)
		return true;
	if (close == text.len || open > close ||
	    span_index(span_slice(text, 0, open), '@') < open)
		return false;
	*part = (struct part){.from = part->from + open + 1,
	    .to = part->from + close,
	    .kinds = part->kinds |
		     notes(folded, part->from + open, part->from + open + 1) |
		     notes(folded, part->from + close, part->from + close + 1) |
		     IMPORT_REPAIR_NAME};
	return true;
}

static void
unwrap_mailto(const struct folded *folded, struct part *part)
{
	static const struct span scheme = {"mailto:", 7};
	struct span text = part_text(folded, part);
	size_t at, query;

	if (!span_equal_nocase(span_slice(text, 0, scheme.len), scheme))
		return;
	part->kinds |= IMPORT_REPAIR_MAILTO;
	take_front(folded, part, scheme.len);
	text = part_text(folded, part);
	at = span_index(text, '@');
	query = at + span_index(span_slice(text, at, text.len), '?');
	part->to = part->from + query; /* "?subject=..." */
}

/* One address out of a part: true with it in *out. */
static bool
one_address(const struct folded *folded, struct part *part, struct arena *arena,
    struct address *out)
{
	trim(folded, part);
	if (!unwrap_name(folded, part))
		return false;
	trim(folded, part);
	unwrap_mailto(folded, part);
	trim(folded, part);
	while (part->to > part->from &&
	       strchr(".;,", folded->text.ptr[part->to - 1])) {
		take_end(folded, part, IMPORT_REPAIR_TAIL);
		trim(folded, part);
	}
	part->kinds |= notes(folded, part->from, part->to);
	return address_parse(part_text(folded, part), arena, out, NULL) == 0;
}

/* ---- Several addresses ------------------------------------------------- */

static size_t
count_at(struct span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '@';
	return count;
}

/* Where the piece that begins at from ends: at a sign between two addresses.
 * '/' and '|' may stand in an address, but not behind its '@'. */
static size_t
piece_end(struct span text, size_t from)
{
	bool named = span_index(text, '<') < text.len;
	bool in_quotes = false, at = false;
	size_t i = from;

	for (; i < text.len; i++) {
		char c = text.ptr[i];

		in_quotes ^= c == '"';
		at |= c == '@';
		if (in_quotes)
			continue;
		if (c == ';' || c == ',' || c == '\r' || c == '\n')
			break;
		if (at && (c == '/' || c == '|'))
			break;
		if (!named && is_blank(c))
			break;
		if (named && c == '>')
			return i + 1;
	}
	return i;
}

static bool
is_separator(char c)
{
	return is_blank(c) || c == ';' || c == ',' || c == '/' || c == '|';
}

/* True when a piece says nothing: blanks and separators. */
static bool
is_nothing(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_separator(text.ptr[i]))
			return false;
	}
	return true;
}

static bool
several(
    const struct folded *folded, struct arena *arena, struct import_offer *out)
{
	struct span all = buf_span(&folded->text);
	bool named = span_index(all, '<') < all.len;
	struct buf rest = BUF_INIT;
	struct address first, other;
	bool good = true;
	int found = 0;

	for (size_t at = 0, end; good && at < all.len; at = end + (end == at)) {
		struct part part = {.from = at, .to = piece_end(all, at)};

		end = part.to;
		if (is_nothing(part_text(folded, &part)))
			continue;
		if (count_at(part_text(folded, &part)) == 0) {
			good = named; /* words of a name */
			continue;
		}
		if (found && is_separator(all.ptr[part.from]))
			part.from++;
		good =
		    one_address(folded, &part, arena, found ? &other : &first);
		if (good && !found) {
			out->kinds = part.kinds;
		} else if (good) {
			out->kinds |= IMPORT_REPAIR_FIRST;
			if (span_equal(other.canon, first.canon))
				continue;
			if (rest.len)
				buf_char(&rest, ' ');
			buf_add(&rest, other.address);
		}
		found++;
	}
	if (good && found) {
		out->address = first.address;
		out->rest = arena_copy(arena, buf_span(&rest));
	}
	buf_done(&rest);
	return good && found > 0;
}

bool
import_repair(struct span cell, struct arena *arena, struct import_offer *out)
{
	struct folded folded = {BUF_INIT, BUF_INIT};
	struct address address;
	bool good = false;

	*out = (struct import_offer){0};
	if (cell.len == 0 || cell.len > CELL_MAX || !fold(cell, &folded))
		goto out;
	if (count_at(buf_span(&folded.text)) > 1) {
		good = several(&folded, arena, out);
	} else {
		struct part part = {.to = folded.text.len};

		good = one_address(&folded, &part, arena, &address);
		out->kinds = part.kinds;
		out->address = address.address;
	}
out:
	if (!good || out->kinds == 0) {
		*out = (struct import_offer){0};
		good = false;
	}
	buf_done(&folded.text);
	buf_done(&folded.note);
	return good;
}
