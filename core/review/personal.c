/* The index of personal values.  It holds 64-bit hashes under a key of its
 * own, nine octets a value, so that a million recipients fit: two different
 * values meet in it once in 10^7 proofs of that size.  A message is searched
 * where a word begins, or any character that is not ASCII: a bitmap of how
 * values begin turns nearly all such places away, and what passes is hashed
 * octet by octet as long as some value has that length. */
#include "core/review/personal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/crypt.h"
#include "core/base/json.h"
#include "core/base/mem.h"

enum {
	HOLDERS = 0x7f,   /* in info: how many have it, no more than so many */
	ADDRESS = 0x80,   /* in info: it is a mail address */
	BEGINS = 1 << 26, /* bits: eight for each value of a full index */
	SHORT_DIGITS = 9,
};

struct personal {
	uint64_t seed;
	uint64_t *hash; /* 0: free */
	unsigned char *info;
	size_t room, used;
	uint64_t *begins; /* bitmap; NULL: no value */
	bool has_len[PERSONAL_MAX + 1];
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

		if ((unsigned char)c == 0xef && (thin = narrow(text, i))) {
			c = thin;
			i += 2;
		} else if (c == '%' && text.len - i > 2 &&
			   text.ptr[i + 1] == '4' && text.ptr[i + 2] == '0') {
			c = '@';
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
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
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

/* The bit of the bitmap for what begins at ptr, shortest() octets of it. */
static uint64_t
begin_of(const struct personal *personal, const char *ptr)
{
	uint64_t head = 0, more = 0;

	if (is_ascii(*ptr)) {
		memcpy(&head, ptr, PERSONAL_ASCII_MIN);
	} else {
		memcpy(&head, ptr, sizeof head);
		memcpy(
		    &more, ptr + sizeof head, PERSONAL_OTHER_MIN - sizeof head);
	}
	head = (head ^ (more * UINT64_C(0xff51afd7ed558ccd)) ^ personal->seed) *
	       UINT64_C(0x9e3779b97f4a7c15);
	return (head >> 32) & (BEGINS - 1);
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

	if (!personal->begins)
		personal->begins =
		    mem_array(BEGINS / 64, sizeof *personal->begins);
	bit = begin_of(personal, value.ptr);
	personal->begins[bit / 64] |= UINT64_C(1) << (bit % 64);
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

/* Another column of one's own may repeat what somebody has in a personal one;
 * it makes nobody the owner of another one's address. */
static bool
is_own(const struct personal_owner *owner, unsigned info, struct span value,
    struct personal_tools *tools)
{
	struct buf plain = BUF_INIT;
	struct json_walk walk;
	struct span key, raw;
	bool own = is_same(owner->address, value, tools);

	if (info & ADDRESS)
		return own;
	json_begin(&walk, owner->fields);
	while (!own && json_next(&walk, &key, &raw) == 1) {
		buf_clear(&plain);
		json_show(walk.type, raw, &plain);
		own = is_same(buf_span(&plain), value, tools);
	}
	buf_done(&plain);
	return own;
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

/* The length of a foreign value at text + at, 0 for none. */
static size_t
match(const struct personal *personal, const struct personal_owner *owner,
    struct span text, size_t at, struct personal_tools *tools)
{
	size_t room = text.len - at, len = 0;
	uint64_t hash = personal->seed;
	bool is_address = false;

	if (room > PERSONAL_MAX)
		room = PERSONAL_MAX;
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
		if (!is_own(owner, info, value, tools) &&
		    !holds(&personal->allowed, value) &&
		    !is_ours(personal, value) && !is_written(personal, value))
			return len;
	}
	return 0;
}

struct span
personal_search(const struct personal *personal,
    const struct personal_owner *owner, struct span text,
    struct personal_tools *tools)
{
	bool inside = false; /* a word of ASCII */

	if (!personal->begins)
		return span_make(NULL, 0);
	fold(text, &tools->text);
	text = buf_span(&tools->text);
	for (size_t i = 0; i + PERSONAL_ASCII_MIN <= text.len; i++) {
		char c = text.ptr[i];
		bool word = is_word(c), starts = word && !inside;
		uint64_t bit;
		size_t len;

		inside = word;
		if (!is_ascii(c))
			starts = ((unsigned char)c & 0xc0) == 0xc0 &&
				 i + PERSONAL_OTHER_MIN <= text.len;
		if (!starts)
			continue;
		bit = begin_of(personal, text.ptr + i);
		if (!(personal->begins[bit / 64] >> (bit % 64) & 1))
			continue;
		len = match(personal, owner, text, i, tools);
		if (len)
			return span_slice(text, i, i + len);
	}
	return span_make(NULL, 0);
}
