/* Makes the identifiers of a message and knows them again.  Keyed, so that
 * nobody can guess or forge another recipient's; derived, so that nothing must
 * be stored and a retry gives the same; never made from the address alone, so
 * that a log of them names nobody. */
#include "core/compose/token.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/mem.h"

enum { MAC_LEN = 5, UNSUBSCRIBE_LEN = 16 };

/* base32 without padding: characters for so many octets. */
enum { REF_CHARS = 16, MAC_CHARS = 8 };

/* "b+", version, key generation, three digits of the day */
enum { PATH_HEAD = 7, PATH_CHARS = PATH_HEAD + REF_CHARS + MAC_CHARS };

/* Label, numbers and an address in wire form (at most 256 octets). */
enum { INPUT_MAX = 512, NUMBERS_MAX = 4 };

static const int64_t day_ms = 24 * 60 * 60 * INT64_C(1000);

static_assert(MESSAGE_REF_LEN + TOKEN_BOUNDARY_LEN <= SHA256_LEN,
    "one hash is enough for both");

struct token_maker {
	struct crypt_mac *message, *token;
};

struct token_maker *
token_maker_of(const struct secret *message, const struct secret *token)
{
	struct token_maker *maker = mem_new(sizeof *maker);

	maker->message = crypt_mac_new(message);
	maker->token = crypt_mac_new(token);
	return maker;
}

struct token_maker *
token_maker_new(const struct store *store)
{
	return token_maker_of(store_key(store, STORE_KEY_MESSAGE),
	    store_key(store, STORE_KEY_TOKEN));
}

void
token_maker_free(struct token_maker **maker)
{
	if (!*maker)
		return;
	crypt_mac_free(&(*maker)->message);
	crypt_mac_free(&(*maker)->token);
	free(*maker);
	*maker = NULL;
}

/* ---- Making ------------------------------------------------------------ */

/* What is hashed: label and numbers, each closed by a line end that it cannot
 * hold, then one text: no two inputs give the same bytes. */
struct input {
	char bytes[INPUT_MAX];
	size_t len;
};

static void
input_text(struct input *input, struct span text)
{
	assert(text.len <= sizeof input->bytes - input->len);
	memcpy(input->bytes + input->len, text.ptr, text.len);
	input->len += text.len;
}

static void
input_number(struct input *input, int64_t number)
{
	char digits[24];
	size_t at = sizeof digits;

	assert(number >= 0);
	digits[--at] = '\n';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	input_text(input, span_make(digits + at, sizeof digits - at));
}

static struct span
input_span(const struct input *input)
{
	return span_make(input->bytes, input->len);
}

static struct input
input_begin(struct span label)
{
	struct input input;

	input.len = 0;
	input_text(&input, label);
	return input;
}

void
token_base(struct token_maker *maker, int64_t campaign, int64_t seq,
    struct token_base *out)
{
	struct input input = input_begin(SPAN("reference\n"));
	struct digest digest;

	input_number(&input, campaign);
	input_number(&input, seq);
	crypt_mac(maker->message, input_span(&input), &digest);
	memcpy(out->ref, digest.bytes, sizeof out->ref);
	memcpy(out->boundary, digest.bytes + sizeof out->ref,
	    sizeof out->boundary);
}

/* MAC over a reference and the campaign that it names. */
static void
check_message(struct crypt_mac *mac, int64_t campaign,
    const unsigned char ref[MESSAGE_REF_LEN], struct digest *out)
{
	struct input input = input_begin(SPAN("message-id\n"));

	input_number(&input, campaign);
	input_text(&input, span_make(ref, MESSAGE_REF_LEN));
	crypt_mac(mac, input_span(&input), out);
}

void
token_message(struct token_maker *maker, int64_t campaign,
    const unsigned char ref[MESSAGE_REF_LEN], struct buf *out)
{
	struct digest check;

	check_message(maker->message, campaign, ref, &check);
	buf_text(out, "c.");
	buf_int(out, campaign);
	buf_char(out, '.');
	crypt_base32(out, span_make(ref, MESSAGE_REF_LEN));
	buf_char(out, '.');
	crypt_base32(out, span_make(check.bytes, MAC_LEN));
}

/* The numbers of a copy of a test behind a label of its own. */
static struct input
input_test(struct span label, const struct token_test *test)
{
	struct input input = input_begin(label);

	input_number(&input, test->campaign);
	input_number(&input, test->test);
	input_number(&input, test->item);
	return input;
}

void
token_base_test(struct token_maker *maker, const struct token_test *test,
    struct token_base *out)
{
	struct input input = input_test(SPAN("test reference\n"), test);
	struct digest digest;

	crypt_mac(maker->message, input_span(&input), &digest);
	memcpy(out->ref, digest.bytes, sizeof out->ref);
	memcpy(out->boundary, digest.bytes + sizeof out->ref,
	    sizeof out->boundary);
}

void
token_message_test(struct token_maker *maker, int64_t campaign,
    const unsigned char ref[MESSAGE_REF_LEN], struct buf *out)
{
	struct input input = input_begin(SPAN("test message-id\n"));
	struct digest check;

	input_number(&input, campaign);
	input_text(&input, span_make(ref, MESSAGE_REF_LEN));
	crypt_mac(maker->message, input_span(&input), &check);
	buf_text(out, "t.");
	buf_int(out, campaign);
	buf_char(out, '.');
	crypt_base32(out, span_make(ref, MESSAGE_REF_LEN));
	buf_char(out, '.');
	crypt_base32(out, span_make(check.bytes, MAC_LEN));
}

void
token_return_path_test(struct token_maker *maker,
    const unsigned char ref[MESSAGE_REF_LEN], struct buf *out)
{
	struct input input = input_begin(SPAN("test return-path\n"));
	struct digest check;

	input_text(&input, span_make(ref, MESSAGE_REF_LEN));
	crypt_mac(maker->token, input_span(&input), &check);
	buf_text(out, "t+");
	crypt_base32(out, span_make(ref, MESSAGE_REF_LEN));
	crypt_base32(out, span_make(check.bytes, MAC_LEN));
}

void
token_unsubscribe_test(
    struct token_maker *maker, const struct token_test *test, struct buf *out)
{
	struct input input = input_test(SPAN("test unsubscribe\n"), test);
	struct digest digest;

	crypt_mac(maker->token, input_span(&input), &digest);
	crypt_base32(out, span_make(digest.bytes, UNSUBSCRIBE_LEN));
}

/* MAC over all that stands before it. */
static void
check_path(struct crypt_mac *mac, struct span head, struct digest *out)
{
	struct input input = input_begin(SPAN("return-path\n"));

	input_text(&input, head);
	crypt_mac(mac, input_span(&input), out);
}

void
token_return_path(struct token_maker *maker,
    const unsigned char ref[MESSAGE_REF_LEN], int64_t at_ms, struct buf *out)
{
	int day = (int)(at_ms / day_ms % 1000);
	const char digits[] = {(char)('0' + day / 100),
	    (char)('0' + day / 10 % 10), (char)('0' + day % 10)};
	size_t from = out->len;
	struct digest check;

	buf_text(out, "b+11");
	buf_add(out, span_make(digits, sizeof digits));
	crypt_base32(out, span_make(ref, MESSAGE_REF_LEN));
	check_path(
	    maker->token, span_slice(buf_span(out), from, out->len), &check);
	crypt_base32(out, span_make(check.bytes, MAC_LEN));
}

void
token_unsubscribe(
    struct token_maker *maker, const struct token_stop *stop, struct buf *out)
{
	struct input input = input_begin(SPAN("unsubscribe\n"));
	struct digest digest;

	input_number(&input, stop->campaign);
	input_number(&input, stop->list);
	input_number(&input, stop->seq);
	input_text(&input, stop->address);
	crypt_mac(maker->token, input_span(&input), &digest);
	crypt_base32(out, span_make(digest.bytes, UNSUBSCRIBE_LEN));
}

void
message_id_of(const struct store *store, int64_t campaign, struct span domain,
    int64_t seq, struct buf *out)
{
	struct token_maker *maker = token_maker_new(store);
	struct token_base base;

	token_base(maker, campaign, seq, &base);
	buf_char(out, '<');
	token_message(maker, campaign, base.ref, out);
	buf_char(out, '@');
	buf_add(out, domain);
	buf_char(out, '>');
	token_maker_free(&maker);
}

/* ---- Knowing again ----------------------------------------------------- */

/* Reads characters of lower-case base32 (some hosts write addresses in
 * capitals) that hold exactly len octets. */
static bool
read_base32(struct span text, unsigned char *out, size_t len)
{
	uint32_t held = 0;
	unsigned bits = 0;
	size_t done = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')))
			return false;
		held =
		    held << 5 | (uint32_t)(c >= 'a' ? c - 'a' : c - '2' + 26);
		bits += 5;
		if (bits < 8)
			continue;
		bits -= 8;
		out[done++] = (unsigned char)(held >> bits);
		held &= (1u << bits) - 1;
		if (done > len)
			return false;
	}
	return done == len && bits == 0;
}

/* True when the characters are the beginning of a digest. */
static bool
is_check(struct span text, const struct digest *check)
{
	struct digest read = *check;

	return text.len == MAC_CHARS &&
	       read_base32(text, read.bytes, MAC_LEN) &&
	       digest_equal(&read, check);
}

/* "c.CAMPAIGN.REF.MAC" */
static bool
read_message(
    const struct secret *key, struct span text, struct message_ref *out)
{
	struct span rest = text, head = span_cut(&rest, '.');
	struct span campaign = span_cut(&rest, '.'), ref = span_cut(&rest, '.');
	struct crypt_mac *mac;
	struct digest check;

	if (!span_equal_nocase(head, SPAN("c")) || ref.len != REF_CHARS ||
	    campaign.len == 0 || *campaign.ptr == '0' ||
	    !span_int(campaign, &out->campaign) ||
	    !read_base32(ref, out->ref, sizeof out->ref))
		return false;
	out->kind = MESSAGE_REF_ID;
	mac = crypt_mac_new(key);
	check_message(mac, out->campaign, out->ref, &check);
	crypt_mac_free(&mac);
	return is_check(rest, &check);
}

/* "b+11DAY REF MAC" without the blanks */
static bool
read_path(const struct secret *key, struct span text, struct message_ref *out)
{
	char head[PATH_HEAD + REF_CHARS];
	struct crypt_mac *mac;
	struct digest check;
	int64_t day;

	if (text.len != PATH_CHARS ||
	    !span_equal_nocase(span_slice(text, 0, 4), SPAN("b+11")) ||
	    !span_int(span_slice(text, 4, PATH_HEAD), &day) ||
	    !read_base32(span_slice(text, PATH_HEAD, sizeof head), out->ref,
		sizeof out->ref))
		return false;
	for (size_t i = 0; i < sizeof head; i++) {
		char c = text.ptr[i];

		head[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	out->kind = MESSAGE_REF_PATH;
	out->day = (int)day;
	mac = crypt_mac_new(key);
	check_path(mac, span_make(head, sizeof head), &check);
	crypt_mac_free(&mac);
	return is_check(span_slice(text, sizeof head, text.len), &check);
}

bool
token_read(const struct secret *message, const struct secret *token,
    struct span text, struct message_ref *out)
{
	struct message_ref read = {.day = -1};

	text = span_trim(text);
	if (span_starts(text, SPAN("<")) && span_ends(text, SPAN(">")))
		text = span_slice(text, 1, text.len - 1);
	text = span_slice(text, 0, span_index(text, '@'));
	if (!read_message(message, text, &read) &&
	    !read_path(token, text, &read))
		return false;
	*out = read;
	return true;
}

bool
message_ref_parse(
    const struct store *store, struct span text, struct message_ref *out)
{
	return token_read(store_key(store, STORE_KEY_MESSAGE),
	    store_key(store, STORE_KEY_TOKEN), text, out);
}

bool
message_ref_covers(
    const struct message_ref *ref, int64_t from_ms, int64_t to_ms)
{
	int64_t first = from_ms / day_ms, last = to_ms / day_ms;

	if (ref->kind == MESSAGE_REF_ID || last - first >= 999)
		return true;
	return (ref->day - first % 1000 + 1000) % 1000 <= last - first;
}

int64_t
message_ref_find(const struct store *store, const struct message_ref *ref,
    int64_t campaign, int64_t count)
{
	struct token_maker *maker;
	struct token_base base;
	int64_t found = 0;

	if (ref->campaign && ref->campaign != campaign)
		return 0;
	maker = token_maker_new(store);
	for (int64_t seq = 1; seq <= count && !found; seq++) {
		token_base(maker, campaign, seq, &base);
		if (!memcmp(base.ref, ref->ref, sizeof base.ref))
			found = seq;
	}
	token_maker_free(&maker);
	return found;
}
