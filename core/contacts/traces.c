/* Where an address stands in a text that nobody has cut into cells: from an @
 * of either width to both sides, up to what no address has.  Signs that an
 * address may have and a list may use between two are tried both ways. */
#include "core/contacts/traces.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/contacts/stop_key.h"

enum { TRACE_MAX = 2 * STOP_CANON_MAX }; /* octets; full width takes three */

struct walk {
	traces_told *told;
	void *payload;
	struct arena *arena;
};

static bool
is_at(uint32_t cp)
{
	return cp == '@' || cp == 0xff20;
}

/* Ends an address wherever it stands. */
static bool
is_end(uint32_t cp)
{
	static const char ends[] = ",;|:\"<>()[]\\";

	if (cp >= 0xff01 && cp <= 0xff5e)
		cp -= 0xff01 - '!';
	return cp <= ' ' || cp == 0x7f || cp == 0x3000 || cp == 0x3001 ||
	       (cp < 0x80 && memchr(ends, (int)cp, sizeof ends - 1));
}

/* May stand in an address, and between two. */
static bool
is_doubtful(uint32_t cp)
{
	if (cp >= 0xff01 && cp <= 0xff5e)
		cp -= 0xff01 - '!';
	return cp == '/' || cp == '\'' || cp == '=' || cp == '&' || cp == '?';
}

static int
tell(const struct walk *walk, struct span text, struct err *err)
{
	enum stop_what what;
	struct span canon;

	if (text.len == 0 || text.len > TRACE_MAX)
		return 0;
	arena_reset(walk->arena);
	if (stop_read(text, walk->arena, &canon, &what, NULL) < 0 ||
	    what != STOP_ADDRESS)
		return 0;
	return walk->told(walk->payload, canon, err);
}

/* The parts of a word between doubtful signs. */
static int
tell_parts(const struct walk *walk, struct span word, struct err *err)
{
	struct span rest = word, part;
	size_t from = 0, at = 0;
	uint32_t cp;
	int got = 0;

	while (got == 0 && utf8_next(&rest, &cp)) {
		if (is_doubtful(cp)) {
			part = span_slice(word, from, at);
			if (from > 0 || at < word.len)
				got = tell(walk, part, err);
			from = word.len - rest.len;
		}
		at = word.len - rest.len;
	}
	if (got == 0 && from > 0)
		got = tell(walk, span_slice(word, from, word.len), err);
	return got;
}

static int
tell_word(const struct walk *walk, struct span word, struct err *err)
{
	int got = tell(walk, word, err);

	return got ? got : tell_parts(walk, word, err);
}

int
traces_walk(struct span text, traces_told *told, void *payload, struct err *err)
{
	struct walk walk = {told, payload, arena_new()};
	struct span rest = text;
	size_t from = 0, at = 0;
	bool has_at = false;
	uint32_t cp;
	int got = 0;

	while (got == 0 && utf8_next(&rest, &cp)) {
		if (is_end(cp)) {
			if (has_at)
				got = tell_word(
				    &walk, span_slice(text, from, at), err);
			from = text.len - rest.len;
			has_at = false;
		}
		has_at |= is_at(cp);
		at = text.len - rest.len;
	}
	if (got == 0 && has_at)
		got = tell_word(&walk, span_slice(text, from, text.len), err);
	arena_free(&walk.arena);
	return got;
}

struct erased_asked {
	struct store *store;
	struct db *db;
};

static int
told_erased(void *payload, struct span canon, struct err *err)
{
	const struct erased_asked *asked = payload;

	return suppress_is_erased(asked->store, asked->db, canon, err);
}

int
traces_of_erased(
    struct store *store, struct db *db, struct span text, struct err *err)
{
	struct erased_asked asked = {store, db};

	return traces_walk(text, told_erased, &asked, err);
}
