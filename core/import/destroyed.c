/* Signs of destroyed text, chosen so that what people write passes: French and
 * German, a question in a remark, half-width kana.  Letters of Latin-1 are
 * turned back into the octets they came from; what these would mean decides,
 * not the letters themselves. */
#include "core/import/destroyed.h"

#include <assert.h>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

enum { OCTETS_MAX = 256, SAMPLE_MAX = 80 };

static const char *const names[] = {
    [DESTROYED_NOT] = "",
    [DESTROYED_REPLACEMENT] = "replacement",
    [DESTROYED_CUT] = "cut",
    [DESTROYED_UTF8_LATIN] = "utf8_as_latin",
    [DESTROYED_UTF8_CP932] = "utf8_as_cp932",
    [DESTROYED_LATIN] = "japanese_as_latin",
    [DESTROYED_QUESTION] = "question",
    [DESTROYED_GETA] = "geta",
};
static_assert(
    sizeof names / sizeof *names == DESTROYED_COUNT, "name every kind");

const char *
destroyed_name(enum destroyed kind)
{
	return names[kind];
}

static bool
is_letter(unsigned c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_kanji(uint32_t cp)
{
	return cp >= 0x3400 && cp <= 0x9fff;
}

/* ---- Back to the octets -------------------------------------------------- */

/* The signs that CP1252 has at 0x80 to 0x9f. */
static const uint16_t cp1252[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026,
    0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122,
    0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

/* The octets that Latin-1 or CP1252 shows as cell: their number, 0 when it
 * holds a sign of neither. */
static size_t
latin_octets(struct span cell, unsigned char octets[OCTETS_MAX])
{
	size_t count = 0;
	uint32_t cp;

	while (count < OCTETS_MAX && utf8_next(&cell, &cp)) {
		if (cp > 0xff) {
			int i = 0;

			while (i < 32 && cp1252[i] != cp)
				i++;
			if (i == 32)
				return 0;
			cp = 0x80 + (uint32_t)i;
		}
		octets[count++] = (unsigned char)cp;
	}
	return count;
}

/* ---- UTF-8 read as Latin-1 ----------------------------------------------- */

/* Octets of CP1252 that may follow a word: no-break space, dots, closing
 * quotes, dashes. */
static bool
follows_words(unsigned char c)
{
	return c && memchr("\xa0\x85\x91\x92\x93\x94\x96\x97\x9b\xab\xbb", c,
			11) != NULL;
}

/* The same with signs that stand behind single letters: degree, trade. */
static bool
follows_letters(unsigned char c)
{
	return follows_words(c) ||
	       (c && memchr("\x99\xae\xb0\xb7", c, 4) != NULL);
}

static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Sequences of UTF-8 among octets, by how much they say. */
struct sequences {
	int strong; /* a sign of Japanese, Chinese, Korean */
	int weak;   /* a letter of Latin with marks, Greek, Cyrillic */
	int certain;
};

/* Latin with marks, Greek, Cyrillic. */
static bool
is_lead_of_two(unsigned char c)
{
	return (c >= 0xc2 && c <= 0xc5) || (c >= 0xce && c <= 0xd1);
}

static void
judge_two(const unsigned char *at, size_t left, bool after_letter,
    struct sequences *found)
{
	bool before_letter = left > 2 && is_letter(at[2]);

	if (follows_letters(at[1]) && !before_letter)
		return;
	found->weak++;
	/* "RenÃ©": a letter of Latin-1 Supplement inside of a word */
	if (at[0] == 0xc3 && (after_letter || before_letter))
		found->certain++;
}

static void
judge_three(const unsigned char *at, struct sequences *found)
{
	uint32_t cp = (uint32_t)((at[0] & 0xf) << 12 | (at[1] & 0x3f) << 6 |
				 (at[2] & 0x3f));

	/* "donâ€™t" */
	if ((cp >= 0x2010 && cp <= 0x2044) || cp == 0x20ac || cp == 0xfffd)
		found->certain++;
	if (follows_words(at[1]) && follows_words(at[2]))
		return; /* "été »" would be a kanji */
	if ((cp >= 0x3000 && cp <= 0x30ff) || is_kanji(cp) ||
	    (cp >= 0xac00 && cp <= 0xd7a3) || (cp >= 0xff00 && cp <= 0xffef))
		found->strong++;
}

static bool
is_utf8_twice(const unsigned char *octets, size_t count)
{
	struct sequences found = {0};
	size_t letters = 0;

	for (size_t i = 0; i < count; i++) {
		const unsigned char *at = octets + i;
		size_t left = count - i;

		letters += is_letter(*at);
		if (left >= 2 && is_lead_of_two(*at) && is_tail(at[1])) {
			judge_two(
			    at, left, i && is_letter(octets[i - 1]), &found);
			i++;
		} else if (left >= 3 && *at >= 0xe2 && *at <= 0xef &&
			   is_tail(at[1]) && is_tail(at[2])) {
			judge_three(at, &found);
			i += 2;
		}
	}
	return found.certain || found.strong > 1 || found.weak > 1 ||
	       (found.strong == 1 && letters == 0 && count <= 4);
}

/* ---- CP932 or EUC-JP read as Latin-1 -------------------------------------- */

static bool
is_cp932_lead(unsigned char c)
{
	return (c > 0x80 && c < 0xa0) || (c >= 0xe0 && c <= 0xfc);
}

/* The first octets of kana and of the kanji that names are written with. */
static bool
is_common_lead(unsigned char c)
{
	return (c >= 0x81 && c <= 0x83) || (c >= 0x88 && c <= 0x98);
}

static bool
is_cp932_tail(unsigned char c)
{
	return c >= 0x40 && c != 0x7f && c <= 0xfc;
}

/* Octets that are CP932 throughout, with two common signs and no letter of
 * ASCII left over, or with three of them in a row. */
static bool
is_cp932(const unsigned char *octets, size_t count)
{
	int common = 0, rare = 0, letters = 0, run = 0, longest = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned char c = octets[i];

		if (c == 0x80 || c == 0xa0 || c > 0xfc)
			return false;
		if (!is_cp932_lead(c)) {
			letters += is_letter(c);
			run = 0;
			continue;
		}
		if (++i == count || !is_cp932_tail(octets[i]))
			return false;
		if (is_common_lead(c)) {
			common++;
			run++;
		} else {
			rare++;
			run = 0;
		}
		longest = run > longest ? run : longest;
	}
	return longest > 2 || (common > 1 && common >= rare && letters == 0);
}

/* Half-width kana, or EUC-JP: letters and signs of Latin-1 in disorder, and
 * not one letter of ASCII. */
static bool
is_disorder(const unsigned char *octets, size_t count)
{
	bool met[256] = {false};
	int letters = 0, signs = 0, kinds = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned char c = octets[i];

		if (is_letter(c) || (c >= 0x80 && c < 0xa1))
			return false;
		letters += c >= 0xc0;
		signs += c >= 0xa1 && c < 0xc0;
		kinds += c >= 0xa1 && !met[c];
		met[c] = true;
	}
	return letters && signs && letters + signs > 3 && kinds > 2;
}

/* ---- UTF-8 read as CP932 -------------------------------------------------- */

/* The kanji that the first two octets of kana become. */
static bool
is_kana_beginning(uint32_t cp)
{
	return cp == 0x7e3a || cp == 0x7e67 || cp == 0x7e5d;
}

/* Half-width kana that the third octet of a kanji becomes, without those that
 * people write between kanji (ｶ and ｹ in place names, marks and dashes). */
static bool
is_third_octet(uint32_t cp)
{
	return cp >= 0xff66 && cp <= 0xff7f && cp != 0xff70 && cp != 0xff76 &&
	       cp != 0xff79;
}

static bool
is_half_kana(uint32_t cp)
{
	return cp >= 0xff61 && cp <= 0xff9f;
}

static bool
is_utf8_as_cp932(struct span cell)
{
	uint32_t before = 0, cp, next = 0;
	int beginnings = 0, thirds = 0;

	if (!utf8_next(&cell, &cp))
		return false;
	for (;; before = cp, cp = next) {
		if (!utf8_next(&cell, &next))
			next = 0;
		/* 繧繝 is a pattern of cloth. */
		if (is_kana_beginning(cp) && !is_kana_beginning(next) &&
		    !is_kana_beginning(before) &&
		    (is_kanji(next) || is_half_kana(next)))
			beginnings++;
		if (is_third_octet(cp) && is_kanji(before) &&
		    !is_half_kana(next))
			thirds++;
		if (next == 0)
			return beginnings > 1 || thirds > 1;
	}
}

/* ---- Question marks -------------------------------------------------------- */

/* In a name none has a meaning: two, or one that touches a letter. */
static bool
question_in_name(struct span cell)
{
	size_t marks = 0;

	for (size_t i = 0; i < cell.len; i++) {
		unsigned char before = i ? (unsigned char)cell.ptr[i - 1] : 0;
		unsigned char after =
		    i + 1 < cell.len ? (unsigned char)cell.ptr[i + 1] : 0;

		if (cell.ptr[i] != '?')
			continue;
		marks++;
		if (is_letter(before) || before >= 0x80 || is_letter(after) ||
		    after >= 0x80 || before == '?')
			return true;
	}
	return marks > 1;
}

/* Elsewhere: nothing but question marks, or three of them where a text begins
 * that goes on at once ("???3-2-1"); "Who are you???" is one. */
static bool
question_in_text(struct span cell)
{
	size_t marks = 0;
	struct span rest;

	while (marks < cell.len && cell.ptr[marks] == '?')
		marks++;
	rest = span_slice(cell, marks, cell.len);
	if (marks > 2 && rest.len && rest.ptr[0] != ' ' && rest.ptr[0] != '\n')
		return true;
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] != '?' && rest.ptr[i] != ' ')
			return false;
		marks += rest.ptr[i] == '?';
	}
	return marks > 1;
}

/* ---- A cell ---------------------------------------------------------------- */

/* What the octets of a cell give reason to look at. */
enum {
	LOOK_QUESTION = 1,
	LOOK_LATIN = 2,
	LOOK_CP932 = 4,
	LOOK_GETA = 8,
	LOOK_REPLACEMENT = 16
};

static unsigned
look_of_three(struct span s)
{
	switch ((unsigned char)s.ptr[0]) {
	case 0xe2: /* signs of CP1252 */
		return (unsigned char)s.ptr[1] <= 0x84 ? LOOK_LATIN : 0;
	case 0xe3:
		return span_starts(s, SPAN("\xe3\x80\x93")) ? LOOK_GETA : 0;
	case 0xe7: /* 縺 繧 繝 */
		return s.ptr[1] == '\xb8' || s.ptr[1] == '\xb9' ? LOOK_CP932
								: 0;
	case 0xef:
		if (s.ptr[1] == '\xbd')
			return LOOK_CP932;
		return span_starts(s, SPAN("\xef\xbf\xbd")) ? LOOK_REPLACEMENT
							    : 0;
	default:
		return 0;
	}
}

/* Every cell of a file passes here. */
static unsigned
look_of(struct span cell)
{
	unsigned look = 0;

	for (size_t i = 0; i < cell.len;) {
		unsigned char c = (unsigned char)cell.ptr[i];

		if (c < 0x80) {
			look |= c == '?' ? LOOK_QUESTION : 0;
			i++;
		} else if (c < 0xe0) {
			look |= c <= 0xcb ? LOOK_LATIN : 0;
			i += 2;
		} else {
			if (i + 2 < cell.len)
				look |= look_of_three(
				    span_slice(cell, i, cell.len));
			i += c < 0xf0 ? 3 : 4;
		}
	}
	return look;
}

static bool
is_geta(struct span cell, enum cell_role role)
{
	const struct span geta = SPAN("\xe3\x80\x93");

	if (role == CELL_NAME)
		return true;
	while (cell.len) {
		if (!span_starts(cell, geta))
			return false;
		cell = text_trim(span_slice(cell, geta.len, cell.len));
	}
	return true;
}

static enum destroyed
judge_latin(struct span cell)
{
	unsigned char octets[OCTETS_MAX];
	size_t count = latin_octets(cell, octets);

	if (count && is_utf8_twice(octets, count))
		return DESTROYED_UTF8_LATIN;
	if (count && (is_cp932(octets, count) || is_disorder(octets, count)))
		return DESTROYED_LATIN;
	return DESTROYED_NOT;
}

enum destroyed
destroyed_cell(struct span cell, enum cell_role role)
{
	unsigned look = look_of(cell);
	enum destroyed kind = DESTROYED_NOT;

	if (look == 0)
		return DESTROYED_NOT;
	cell = text_trim(cell);
	if (look & LOOK_REPLACEMENT)
		return span_ends(cell, SPAN("\xef\xbf\xbd"))
			   ? DESTROYED_CUT
			   : DESTROYED_REPLACEMENT;
	if (look & LOOK_LATIN)
		kind = judge_latin(cell);
	if (kind == DESTROYED_NOT && (look & LOOK_CP932) &&
	    is_utf8_as_cp932(cell))
		kind = DESTROYED_UTF8_CP932;
	if (kind == DESTROYED_NOT && (look & LOOK_GETA) && is_geta(cell, role))
		kind = DESTROYED_GETA;
	if (kind == DESTROYED_NOT && (look & LOOK_QUESTION) &&
	    (role == CELL_NAME ? question_in_name(cell)
			       : question_in_text(cell)))
		kind = DESTROYED_QUESTION;
	return kind;
}

int
destroyed_fail(
    enum destroyed kind, int64_t line, struct span cell, struct err *err)
{
	char sample[SAMPLE_MAX];

	text_cut(sample, sizeof sample, cell);
	err_set(err, E_IMPORT_DESTROYED);
	err_fact(err, "kind", span_of(names[kind]));
	err_fact_int(err, "line", line);
	return err_fact(err, "sample", span_of(sample));
}

/* ---- A file ---------------------------------------------------------------- */

struct tally {
	int64_t rows;
	int64_t foreign; /* with more than ASCII */
	int64_t lost;    /* destroyed by question marks or U+3013 */
	int64_t garbled; /* destroyed otherwise */
	struct err first_lost, first_garbled;
};

static bool
is_foreign(struct span cell)
{
	unsigned char any = 0;

	for (size_t i = 0; i < cell.len; i++)
		any |= (unsigned char)cell.ptr[i];
	return any >= 0x80;
}

static void
tally_row(struct tally *tally, const struct csv_row *row,
    const struct import_column *column, size_t columns)
{
	enum destroyed kind = DESTROYED_NOT;
	bool foreign = false, lost;
	size_t at = 0;

	tally->rows++;
	for (size_t i = 0; i < row->count && kind == DESTROYED_NOT; i++) {
		bool name = i < columns && column[i].target == IMPORT_NAME;

		foreign |= is_foreign(row->cell[i]);
		at = i;
		kind =
		    destroyed_cell(row->cell[i], name ? CELL_NAME : CELL_TEXT);
	}
	tally->foreign += foreign;
	if (kind == DESTROYED_NOT)
		return;
	lost = kind == DESTROYED_QUESTION || kind == DESTROYED_GETA;
	if ((lost ? tally->lost++ : tally->garbled++) == 0)
		destroyed_fail(kind, row->line, row->cell[at],
		    lost ? &tally->first_lost : &tally->first_garbled);
}

static bool
is_too_much(int64_t bad, int64_t of)
{
	return bad >= DESTROYED_FEW && bad * DESTROYED_PART >= of;
}

/* Headers are few and well known words, and come through what the rows below
 * them came through. */
static int
look_at_headers(const struct source *source, const struct import_column *column,
    size_t columns, struct err *err)
{
	for (size_t i = 0; i < columns; i++) {
		struct span header = span_of(column[i].header);
		enum destroyed kind = destroyed_cell(header, CELL_TEXT);

		if (kind == DESTROYED_UTF8_LATIN || kind == DESTROYED_LATIN ||
		    kind == DESTROYED_UTF8_CP932)
			return destroyed_fail(
			    kind, source->table.at.header_line[0], header, err);
	}
	return 0;
}

int
destroyed_look(const struct source *source, const struct import_column *column,
    size_t columns, struct err *err)
{
	struct tally tally = {0};
	struct rows *rows = NULL;
	struct csv_row row;

	if (look_at_headers(source, column, columns, err) < 0)
		return err_fact(err, "path", span_of(source->path));
	if (rows_open(source, &rows, err) < 0)
		return -1;
	while (tally.rows < DESTROYED_LOOK && rows_next(rows, &row, NULL) == 1)
		tally_row(&tally, &row, column, columns);
	rows_close(&rows);
	if (is_too_much(tally.garbled, tally.foreign))
		*err = tally.first_garbled;
	else if (is_too_much(tally.lost, tally.rows))
		*err = tally.first_lost;
	else
		return 0;
	return err_fact(err, "path", span_of(source->path));
}
