/* Header synonyms as they are met in files of Japanese and English programs.
 * A guess is only ever shown: the operator decides. */
#include "core/import/guess.h"

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

/* One character in the form in which headers are compared; 0 to drop it. */
static uint32_t
fold_cp(uint32_t cp)
{
	if (cp >= 0xff01 && cp <= 0xff5e)
		cp -= 0xfee0;
	if (cp >= 0xff66 && cp <= 0xff9d)
		return kana_wide(cp);
	if (cp >= 'A' && cp <= 'Z')
		return cp + 32;
	if (cp <= ' ' || cp == 0x3000 || cp == 0xa0 || cp == '-' || cp == '_' ||
	    cp == '.' || cp == ':' || cp == '*' || cp == 0x203b ||
	    (cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212)
		return 0;
	return cp;
}

/* Appends the folded header; half-width sound marks join the letter before,
 * which stands one (or two) before its voiced (or half-voiced) form. */
static void
fold(struct span header, struct buf *out)
{
	uint32_t cp, held = 0;

	while (utf8_next(&header, &cp)) {
		if ((cp == 0xff9e || cp == 0xff9f) && held) {
			held += cp == 0xff9e ? 1 : 2;
			continue;
		}
		if (held)
			buf_utf8(out, held);
		held = fold_cp(cp);
	}
	if (held)
		buf_utf8(out, held);
}

enum kind { KIND_ADDRESS, KIND_NAME, KIND_PART, KIND_OTHER };

/* Folded forms, the best of a kind first. */
static const struct {
	enum kind kind;
	const char *word;
} words[] = {
    {KIND_ADDRESS, "email"},
    {KIND_ADDRESS, "emailaddress"},
    {KIND_ADDRESS, "メールアドレス"},
    {KIND_ADDRESS, "mailaddress"},
    {KIND_ADDRESS, "mail"},
    {KIND_ADDRESS, "メール"},
    {KIND_ADDRESS, "eメール"},
    {KIND_ADDRESS, "eメールアドレス"},
    {KIND_ADDRESS, "電子メール"},
    {KIND_ADDRESS, "電子メールアドレス"},
    {KIND_ADDRESS, "email1value"},
    {KIND_ADDRESS, "email1"},
    {KIND_ADDRESS, "pcメール"},
    {KIND_ADDRESS, "pcメールアドレス"},
    {KIND_ADDRESS, "携帯メール"},
    {KIND_ADDRESS, "携帯メールアドレス"},
    {KIND_ADDRESS, "アドレス"},
    {KIND_ADDRESS, "address"},
    {KIND_NAME, "name"},
    {KIND_NAME, "fullname"},
    {KIND_NAME, "氏名"},
    {KIND_NAME, "お名前"},
    {KIND_NAME, "名前"},
    {KIND_NAME, "宛名"},
    {KIND_NAME, "会員名"},
    {KIND_NAME, "顧客名"},
    {KIND_NAME, "担当者名"},
    {KIND_PART, "姓"},
    {KIND_PART, "名"},
    {KIND_PART, "苗字"},
    {KIND_PART, "名字"},
    {KIND_PART, "firstname"},
    {KIND_PART, "lastname"},
    {KIND_PART, "givenname"},
    {KIND_PART, "familyname"},
    {KIND_PART, "surname"},
};

enum { WORDS = sizeof words / sizeof *words };

static int
find_word(struct span folded)
{
	for (int i = 0; i < WORDS; i++) {
		if (span_equal(folded, span_of(words[i].word)))
			return i;
	}
	return WORDS;
}

/* Index of the word a header means, WORDS for none; a remark in brackets at
 * its end does not count. */
static int
word_of(const char *header)
{
	struct buf folded = BUF_INIT;
	struct span text;
	int found;

	fold(span_of(header), &folded);
	text = buf_span(&folded);
	found = find_word(text);
	if (found == WORDS && span_index(text, '(') < text.len)
		found = find_word(span_slice(text, 0, span_index(text, '(')));
	buf_done(&folded);
	return found;
}

static bool
has_at(struct span s)
{
	return span_index(s, '@') < s.len ||
	       span_search(s, SPAN("\xef\xbc\xa0")) < s.len;
}

bool
guess_is_data(const struct span *cell, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (has_at(cell[i]))
			return true;
	}
	return false;
}

/* True when every sample that is not empty has an @, and one does. */
static bool
samples_are_addresses(const struct import_column *column)
{
	bool any = false;

	for (int i = 0; i < IMPORT_SAMPLES; i++) {
		struct span sample = span_of(column->sample[i]);

		if (sample.len && !has_at(sample))
			return false;
		any |= sample.len > 0;
	}
	return any;
}

/* The column with the best word of a kind, or count. */
static size_t
best_of(const struct import_column *column, size_t count, enum kind kind)
{
	size_t best = count;
	int rank = WORDS;

	for (size_t i = 0; i < count; i++) {
		int word = word_of(column[i].header);

		if (word == WORDS || words[word].kind != kind || word >= rank)
			continue;
		/* A postal address has the same name. */
		if (kind == KIND_ADDRESS &&
		    !strcmp(words[word].word, "address") &&
		    !samples_are_addresses(&column[i]))
			continue;
		best = i;
		rank = word;
	}
	return best;
}

static size_t
address_by_samples(const struct import_column *column, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (samples_are_addresses(&column[i]))
			return i;
	}
	return count;
}

static bool
field_is_taken(
    const struct import_column *column, size_t upto, const char *name)
{
	for (size_t i = 0; i < upto; i++) {
		if (column[i].target == IMPORT_FIELD &&
		    !strcmp(column[i].field, name))
			return true;
	}
	return false;
}

/* Signs that are syntax in a merge mark, or kept free for it: a field whose name
 * holds one could not be merged. */
static bool
is_mark_sign(char c)
{
	return c > ' ' && c < 0x7f && c != '_' && c != '-' &&
	       !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
	       !(c >= 'a' && c <= 'z');
}

const char *
guess_field_fault(struct span field)
{
	if (text_is_blank(field))
		return "empty";
	if (text_check_line(field) != TEXT_FINE ||
	    text_trim(field).len != field.len)
		return "character";
	for (size_t i = 0; i < field.len; i++) {
		if (is_mark_sign(field.ptr[i]))
			return "character";
	}
	if (span_equal(field, SPAN("name")) ||
	    span_equal(field, SPAN("address")))
		return "reserved";
	return NULL;
}

/* A merge field name from a header: what a mark cannot hold becomes '_', and
 * a number is added until the name is free. */
static void
name_field(struct import_column *column, size_t at)
{
	struct buf name = BUF_INIT;
	struct span rest = text_trim(span_of(column[at].header));
	size_t stem;
	uint32_t cp;

	while (utf8_next(&rest, &cp)) {
		char bytes[UTF8_MAX];
		struct span one = {bytes, utf8_encode(cp, bytes)};

		if (text_check_line(one) != TEXT_FINE ||
		    (cp < 0x80 && is_mark_sign((char)cp)))
			one = SPAN("_");
		if (name.len + one.len > sizeof column->field - 6)
			break;
		buf_add(&name, one);
	}
	stem = text_trim(buf_span(&name)).len;
	if (stem < name.len)
		name.ptr[name.len = stem] = '\0';
	for (int n = 2; guess_field_fault(buf_span(&name)) ||
			field_is_taken(column, at, name.ptr);
	    n++) {
		name.len = stem;
		buf_printf(&name, "_%d", n);
	}
	text_cut(column[at].field, sizeof column[at].field, buf_span(&name));
	buf_done(&name);
}

void
guess_columns(struct import_column *column, size_t count)
{
	size_t address = best_of(column, count, KIND_ADDRESS);
	size_t name = best_of(column, count, KIND_NAME);

	if (address == count)
		address = address_by_samples(column, count);
	for (size_t i = 0; i < count; i++) {
		int word = word_of(column[i].header);

		column[i].target = IMPORT_SKIP;
		if (i == address)
			column[i].target = IMPORT_ADDRESS;
		else if (i == name || (name == count && word < WORDS &&
					  words[word].kind == KIND_PART))
			column[i].target = IMPORT_NAME;
		else if (!text_is_blank(span_of(column[i].header))) {
			name_field(column, i);
			column[i].target = IMPORT_FIELD;
		}
	}
}
