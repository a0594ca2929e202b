/* The index of personal values.  It holds 64-bit hashes under a key of its
 * own, nine octets a value, so that a million recipients fit: two different
 * values meet in it once in 10^7 proofs of that size.  A message is searched
 * where a word begins, or any character that is not ASCII: two bitmaps of how
 * values begin, a small one first, turn nearly all such places away, and what
 * passes is hashed octet by octet as long as some value has that length.  Of a
 * text that is nearly the one before only the stretches are searched that a
 * value could share with what is new in it. */
#include "core/review/personal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/crypt.h"
#include "core/base/json.h"
#include "core/base/mem.h"

enum {
	HOLDERS = 0x7f,   /* in info: how many have it, no more than so many */
	ADDRESS = 0x80,   /* in info: it is a mail address */
	BEGINS = 1 << 26, /* bits: eight for each value of a full index */
	HEADS = 1 << 20,  /* bits: as many as a processor has at hand */
	SHORT_DIGITS = 9,
};

struct personal {
	uint64_t seed;
	uint64_t *hash; /* 0: free */
	unsigned char *info;
	size_t room, used;
	uint64_t *begins; /* bitmap; NULL: no value */
	uint64_t *heads;  /* and one of the first few octets */
	bool has_len[PERSONAL_MAX + 1];
	size_t longest;
	struct buf folded, digits;            /* while filling */
	struct buf allowed, written, domains; /* folded */
	int columns;
	bool is_full;
};

/* ---- Folding --------------------------------------------------------------- */

/* Where full-width ASCII (U+FF01 to U+FF5E) stands at text + i: the narrow
 * character, else 0. */
static char
narrow(struct span text, size_t i)
{
	const unsigned char *at = (const unsigned char *)text.ptr + i;

	if (text.len - i < 3 || at[0] != 0xef)
		return 0;
	if (at[1] == 0xbc && at[2] >= 0x81 && at[2] <= 0xbf)
		return (char)(at[2] - 0x81 + 0x21);
	if (at[1] == 0xbd && at[2] >= 0x80 && at[2] <= 0x9e)
		return (char)(at[2] - 0x80 + 0x60);
	return 0;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* What three octets at text + i are folded to, 0 where one is. */
static char
three(struct span text, size_t i)
{
	if (text.ptr[i] != '%')
		return narrow(text, i);
	if (text.len - i < 3 || text.ptr[i + 1] != '4' ||
	    text.ptr[i + 2] != '0')
		return 0;
	return '@';
}

/* Octets that may begin three. */
static const bool begins_three[256] = {['%'] = true, [0xef] = true};

/* Letters small, full-width ASCII narrow, "%40" an at sign. */
static void
fold(struct span text, struct buf *out)
{
	char *to;

	buf_clear(out);
	buf_reserve(out, text.len + 1);
	to = out->ptr;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i], thin;

		if (begins_three[(unsigned char)c] && (thin = three(text, i))) {
			c = thin;
			i += 2;
		}
		*to++ = lower(c);
	}
	out->len = (size_t)(to - out->ptr);
	*to = '\0';
}

static bool
is_word(char c)
{
	return (unsigned char)(c - 'a') < 26 || (unsigned char)(c - '0') < 10;
}

static bool
is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

/* Without marks and blanks at both ends, so that it begins where a word
 * does. */
static struct span
bare(struct span value)
{
	size_t from = 0, to = value.len;

	while (
	    from < to && is_ascii(value.ptr[from]) && !is_word(value.ptr[from]))
		from++;
	while (to > from && is_ascii(value.ptr[to - 1]) &&
	       !is_word(value.ptr[to - 1]))
		to--;
	return span_slice(value, from, to);
}

/* A number with hyphens or blanks between its digits (a telephone, a card), and
 * nothing else: its digits. */
static bool
digits_of(struct span value, struct buf *out)
{
	bool parted = false;

	buf_clear(out);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c >= '0' && c <= '9')
			buf_char(out, c);
		else if (c == '-' || c == ' ')
			parted = true;
		else
			return false;
	}
	return parted;
}

/* ---- Hashes ---------------------------------------------------------------- */

static uint64_t
step(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

static uint64_t
finish(uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93);
	hash ^= hash >> 32;
	return hash ? hash : 1;
}

static uint64_t
hash_of(const struct personal *personal, struct span value)
{
	uint64_t hash = personal->seed;

	for (size_t i = 0; i < value.len; i++)
		hash = step(hash, value.ptr[i]);
	return finish(hash);
}

static size_t
shortest(char first)
{
	return is_ascii(first) ? PERSONAL_ASCII_MIN : PERSONAL_OTHER_MIN;
}

/* Four or six octets as a number.  Read into what they fill: a processor waits
 * for a number that was put together in memory. */
static uint64_t
octets_at(const char *ptr, size_t count)
{
	uint32_t four;
	uint16_t two = 0;

	memcpy(&four, ptr, sizeof four);
	if (count > sizeof four)
		memcpy(&two, ptr + sizeof four, sizeof two);
	return (uint64_t)two << 32 | four;
}

/* The bit of the bitmap for what begins at ptr, shortest() octets of it. */
static uint64_t
begin_of(const struct personal *personal, const char *ptr)
{
	uint64_t head = octets_at(ptr, 6), more = 0;

	static_assert(PERSONAL_ASCII_MIN == 6 && PERSONAL_OTHER_MIN == 12,
	    "so many octets are read");
	if (!is_ascii(*ptr))
		more = octets_at(ptr + 6, 6);
	head = (head ^ (more * UINT64_C(0xff51afd7ed558ccd)) ^ personal->seed) *
	       UINT64_C(0x9e3779b97f4a7c15);
	return (head >> 32) & (BEGINS - 1);
}

/* The same for fewer octets: what a text has not, its words seldom have. */
static uint64_t
head_of(const struct personal *personal, const char *ptr)
{
	uint64_t head = octets_at(ptr, is_ascii(*ptr) ? 4 : 6);

	return ((head ^ personal->seed) * UINT64_C(0x9e3779b97f4a7c15)) >> 44;
}

static bool
has_bit(const uint64_t *map, uint64_t bit)
{
	return map[bit / 64] >> (bit % 64) & 1;
}

static bool
may_be_value(const struct personal *personal, const char *ptr)
{
	return has_bit(personal->heads, head_of(personal, ptr)) &&
	       has_bit(personal->begins, begin_of(personal, ptr));
}

static size_t
slot_of(const struct personal *personal, uint64_t hash)
{
	size_t slot = (size_t)(hash >> 7) & (personal->room - 1);

	while (personal->hash[slot] && personal->hash[slot] != hash)
		slot = (slot + 1) & (personal->room - 1);
	return slot;
}

/* ---- Filling --------------------------------------------------------------- */

struct personal *
personal_new(void)
{
	struct personal *personal = mem_new(sizeof *personal);

	crypt_random(&personal->seed, sizeof personal->seed);
	personal->room = 1024;
	personal->hash = mem_array(personal->room, sizeof *personal->hash);
	personal->info = mem_array(personal->room, 1);
	return personal;
}

void
personal_free(struct personal **personal)
{
	if (!*personal)
		return;
	free((*personal)->hash);
	free((*personal)->info);
	free((*personal)->begins);
	free((*personal)->heads);
	buf_done(&(*personal)->folded);
	buf_done(&(*personal)->digits);
	buf_done(&(*personal)->allowed);
	buf_done(&(*personal)->written);
	buf_done(&(*personal)->domains);
	free(*personal);
	*personal = NULL;
}

static void
grow(struct personal *personal)
{
	uint64_t *hash = personal->hash;
	unsigned char *info = personal->info;
	size_t room = personal->room;

	personal->room = room * 2;
	personal->hash = mem_array(personal->room, sizeof *personal->hash);
	personal->info = mem_array(personal->room, 1);
	for (size_t i = 0; i < room; i++) {
		size_t slot;

		if (!hash[i])
			continue;
		slot = slot_of(personal, hash[i]);
		personal->hash[slot] = hash[i];
		personal->info[slot] = info[i];
	}
	free(hash);
	free(info);
}

/* The values are not kept, so that the bitmap has its last size from the
 * first one on; pages nobody writes to cost nothing. */
static void
note_begin(struct personal *personal, struct span value)
{
	uint64_t bit;

	if (!personal->begins) {
		personal->begins =
		    mem_array(BEGINS / 64, sizeof *personal->begins);
		personal->heads =
		    mem_array(HEADS / 64, sizeof *personal->heads);
	}
	bit = begin_of(personal, value.ptr);
	personal->begins[bit / 64] |= UINT64_C(1) << (bit % 64);
	bit = head_of(personal, value.ptr);
	personal->heads[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static void
add_folded(
    struct personal *personal, enum personal_kind kind, struct span value)
{
	size_t slot;

	value = span_slice(value, 0, PERSONAL_MAX);
	if (value.len == 0 || value.len < shortest(*value.ptr))
		return;
	if (personal->used * 4 >= personal->room * 3)
		grow(personal);
	note_begin(personal, value);
	personal->has_len[value.len] = true;
	if (value.len > personal->longest)
		personal->longest = value.len;
	slot = slot_of(personal, hash_of(personal, value));
	if (!personal->hash[slot]) {
		personal->hash[slot] = hash_of(personal, value);
		personal->used++;
	}
	if ((personal->info[slot] & HOLDERS) < HOLDERS)
		personal->info[slot]++;
	if (kind == PERSONAL_ADDRESS)
		personal->info[slot] |= ADDRESS;
}

bool
personal_add(
    struct personal *personal, enum personal_kind kind, struct span value)
{
	if (personal->used >= PERSONAL_LIMIT) {
		personal->is_full = true;
		return false;
	}
	fold(value, &personal->folded);
	value = bare(buf_span(&personal->folded));
	add_folded(personal, kind, value);
	if (kind == PERSONAL_COLUMN && digits_of(value, &personal->digits))
		add_folded(personal, kind, buf_span(&personal->digits));
	return true;
}

static void
add_text(struct personal *personal, struct buf *to, struct span text)
{
	fold(text, &personal->folded);
	buf_add(to, buf_span(&personal->folded));
	buf_char(to, '\n');
	if (digits_of(bare(buf_span(&personal->folded)), &personal->digits)) {
		buf_add(to, buf_span(&personal->digits));
		buf_char(to, '\n');
	}
}

void
personal_allow(struct personal *personal, struct span text)
{
	add_text(personal, &personal->allowed, text);
}

void
personal_allow_domain(struct personal *personal, struct span domain)
{
	if (domain.len)
		add_text(personal, &personal->domains, domain);
}

void
personal_written(struct personal *personal, struct span text)
{
	add_text(personal, &personal->written, text);
}

void
personal_ready(struct personal *personal)
{
	buf_done(&personal->folded);
	buf_done(&personal->digits);
}

void
personal_figures(const struct personal *personal, struct personal_figures *out)
{
	*out = (struct personal_figures){.values = (int64_t)personal->used,
	    .columns = personal->columns,
	    .is_full = personal->is_full};
	for (size_t i = 0; i < personal->room; i++)
		out->shared += (personal->info[i] & HOLDERS) > PERSONAL_SHARED;
}

void
personal_found_columns(struct personal *personal, int columns)
{
	personal->columns = columns;
}

/* ---- Searching ------------------------------------------------------------- */

void
personal_tools_done(struct personal_tools *tools)
{
	buf_done(&tools->text);
	buf_done(&tools->address);
	buf_done(&tools->own);
	buf_done(&tools->value);
}

static bool
holds(const struct buf *text, struct span value)
{
	return span_search(buf_span(text), value) < text->len;
}

/* A short number that the author has written. */
static bool
is_written(const struct personal *personal, struct span value)
{
	if (value.len > SHORT_DIGITS)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < '0' || value.ptr[i] > '9')
			return false;
	}
	return holds(&personal->written, value);
}

static bool
is_in_domain(struct span host, struct span domain)
{
	if (!domain.len || !span_ends(host, domain))
		return false;
	return host.len == domain.len ||
	       host.ptr[host.len - domain.len - 1] == '.';
}

static bool
is_ours(const struct personal *personal, struct span value)
{
	struct span domains = buf_span(&personal->domains), host;
	size_t at = span_index(value, '@');

	if (at == value.len)
		return false;
	host = span_slice(value, at + 1, value.len);
	while (domains.len) {
		if (is_in_domain(host, span_cut(&domains, '\n')))
			return true;
	}
	return false;
}

/* A search in one stretch of a text. */
struct search {
	const struct personal *personal;
	const struct personal_owner *owner;
	struct personal_tools *tools;
	struct fresh *fresh; /* NULL: nothing is kept */
	struct span raw;     /* the text as it stands */
	size_t from;         /* the stretch in it */
	struct span text;    /* folded */
	bool has_address;    /* of the owner, in the tools */
};

static bool
is_same(struct span own, struct span value, struct personal_tools *tools)
{
	struct span plain;

	fold(own, &tools->own);
	plain = bare(buf_span(&tools->own));
	if (span_equal(span_slice(plain, 0, PERSONAL_MAX), value))
		return true;
	return digits_of(plain, &tools->value) &&
	       span_equal(buf_span(&tools->value), value);
}

static bool
is_own_address(struct search *search, struct span value)
{
	struct span address;

	if (!search->has_address)
		fold(search->owner->address, &search->tools->address);
	search->has_address = true;
	address = bare(buf_span(&search->tools->address));
	return span_equal(span_slice(address, 0, PERSONAL_MAX), value) ||
	       is_same(search->owner->address, value, search->tools);
}

/* Another column of one's own may repeat what somebody has in a personal one;
 * it makes nobody the owner of another one's address. */
static bool
is_own(struct search *search, unsigned info, struct span value)
{
	struct buf plain = BUF_INIT;
	struct json_walk walk;
	struct span key, raw;
	bool own = is_own_address(search, value);

	if (info & ADDRESS)
		return own;
	json_begin(&walk, search->owner->fields);
	while (!own && json_next(&walk, &key, &raw) == 1) {
		buf_clear(&plain);
		json_show(walk.type, raw, &plain);
		own = is_same(buf_span(&plain), value, search->tools);
	}
	buf_done(&plain);
	return own;
}

/* Behind count folded octets from at in a text. */
static size_t
behind(struct span text, size_t at, size_t count)
{
	while (count-- > 0)
		at +=
		    begins_three[(unsigned char)text.ptr[at]] && three(text, at)
			? 3
			: 1;
	return at;
}

/* What is one's own is nobody else's: in the next message it is looked at. */
static void
note_own(struct search *search, size_t at, size_t len)
{
	size_t from;

	if (!search->fresh)
		return;
	from = behind(search->raw, search->from, at);
	fresh_hide(search->fresh, from, behind(search->raw, from, len));
}

/* Whether a value of len octets may end there: at the end of a word, and of a
 * domain. */
static bool
may_end(struct span text, size_t end, bool is_address)
{
	char last = text.ptr[end - 1], next, after;

	if (end >= text.len)
		return true;
	next = text.ptr[end];
	if (!is_ascii(last))
		return ((unsigned char)next & 0xc0) != 0x80;
	if (is_word(last) && is_word(next))
		return false;
	if (!is_address)
		return true;
	after = end + 1 < text.len ? text.ptr[end + 1] : ' ';
	return next != '-' && next != '_' && !(next == '.' && is_word(after));
}

/* Whether what stands before says that a value cannot begin there. */
static bool
may_begin(struct span text, size_t at, bool is_address)
{
	char before = at > 0 ? text.ptr[at - 1] : ' ';

	return !is_address || !is_ascii(before) || !before ||
	       !strchr("._%+-", before);
}

/* The length of a foreign value at at, 0 for none. */
static size_t
match(struct search *search, size_t at)
{
	const struct personal *personal = search->personal;
	struct span text = search->text;
	size_t room = text.len - at, len = 0;
	uint64_t hash = personal->seed;
	bool is_address = false;

	if (room > personal->longest)
		room = personal->longest;
	while (len < room) {
		struct span value;
		unsigned info;
		size_t slot;

		hash = step(hash, text.ptr[at + len]);
		is_address |= text.ptr[at + len] == '@';
		if (!personal->has_len[++len] ||
		    !may_end(text, at + len, is_address) ||
		    !may_begin(text, at, is_address))
			continue;
		slot = slot_of(personal, finish(hash));
		info = personal->info[slot];
		if (!personal->hash[slot] || (info & HOLDERS) > PERSONAL_SHARED)
			continue;
		value = span_slice(text, at, at + len);
		if (is_own(search, info, value))
			note_own(search, at, len);
		else if (!holds(&personal->allowed, value) &&
			 !is_ours(personal, value) &&
			 !is_written(personal, value))
			return len;
	}
	return 0;
}

/* The first foreign value of a stretch, or the empty span. */
static struct span
search_stretch(struct search *search, size_t to)
{
	enum { NOTHING, WORD, LEAD };
	static const unsigned char kinds[256] = {
	    ['0' ... '9'] = WORD, ['a' ... 'z'] = WORD, [0xc0 ... 0xff] = LEAD};
	unsigned before = NOTHING;
	struct span text;

	fold(span_slice(search->raw, search->from, to), &search->tools->text);
	text = search->text = buf_span(&search->tools->text);
	for (size_t i = 0; i + PERSONAL_ASCII_MIN <= text.len; i++) {
		unsigned kind = kinds[(unsigned char)text.ptr[i]];
		bool starts = kind == LEAD || (kind == WORD && before != WORD);
		size_t len;

		before = kind;
		if (!starts ||
		    (kind == LEAD && i + PERSONAL_OTHER_MIN > text.len) ||
		    !may_be_value(search->personal, text.ptr + i))
			continue;
		len = match(search, i);
		if (len)
			return span_slice(text, i, i + len);
	}
	return span_make(NULL, 0);
}

/* ---- What is new ----------------------------------------------------------- */

/* Blanks and tags. */
static const bool delimits[256] = {
    [' '] = true, ['\n'] = true, ['<'] = true, ['>'] = true, ['"'] = true};

/* Where a stretch may begin and end: at blanks and tags, and between two
 * characters of Japanese.  What is asked of the octets beside a value has the
 * same answer there as at the ends of a text. */
static bool
is_edge(struct span text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.ptr + at;

	if (at == 0 || at == text.len || delimits[*p])
		return true;
	return at >= 3 && *p >= 0xe3 && *p <= 0xe9 && p[-3] >= 0xe3 &&
	       p[-3] <= 0xe9 && (p[-2] & 0xc0) == 0x80 &&
	       (p[-1] & 0xc0) == 0x80;
}

/* The stretch that the values reach which touch a gap.  What is one octet when
 * folded can be three of the text, and begins with one of two. */
static struct fresh_gap
around(const struct personal *personal, struct span text,
    const struct fresh_gap *gap)
{
	static const unsigned char folds[256] = {[0xef] = 2, ['%'] = 2};
	const unsigned char *octet = (const unsigned char *)text.ptr;
	struct fresh_gap out = *gap;
	size_t left = personal->longest + 3;

	for (; left > 0 && out.from > 0; left--)
		left += folds[octet[--out.from]];
	while (!is_edge(text, out.from))
		out.from--;
	left = personal->longest + 3;
	for (; left > 0 && out.to < text.len; left--)
		left += folds[octet[out.to++]];
	while (!is_edge(text, out.to))
		out.to++;
	return out;
}

static struct span
search_gaps(struct search *search)
{
	const struct fresh *fresh = search->fresh;
	struct span found = {NULL, 0};
	size_t i = 0;

	while (i < fresh->gaps && !found.len) {
		struct fresh_gap all =
		    around(search->personal, search->raw, &fresh->gap[i++]);

		for (; i < fresh->gaps; i++) {
			struct fresh_gap more = around(
			    search->personal, search->raw, &fresh->gap[i]);

			if (more.from > all.to)
				break;
			if (more.to > all.to)
				all.to = more.to;
		}
		search->from = all.from;
		found = search_stretch(search, all.to);
	}
	return found;
}

struct span
personal_search(const struct personal *personal,
    const struct personal_owner *owner, struct span text, struct fresh *fresh,
    struct personal_tools *tools)
{
	struct search search = {.personal = personal,
	    .owner = owner,
	    .tools = tools,
	    .fresh = fresh,
	    .raw = text};

	if (!personal->begins)
		return span_make(NULL, 0);
	return fresh ? search_gaps(&search) : search_stretch(&search, text.len);
}
