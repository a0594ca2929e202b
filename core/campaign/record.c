/* Which text a record may hold, and how its deeds are written down. */
#include "core/campaign/record.h"

#include "core/base/utf8.h"

const char *
record_fault(struct span text, size_t max, enum lines lines)
{
	uint32_t cp;
	enum utf8_got got;

	if (text.len > max)
		return "length";
	while ((got = utf8_next(&text, &cp)) != UTF8_END) {
		if (got == UTF8_BAD)
			return "utf8";
		if ((cp == '\n' || cp == '\t') && lines == MANY_LINES)
			continue;
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
		    cp == 0x2029)
			return "control";
	}
	return NULL;
}

int
record_log(struct store *store, struct db *db, const struct record_deed *deed,
    struct err *err)
{
	struct audit_event event = {.what = deed->what};
	struct buf object = BUF_INIT;
	int rc;

	buf_printf(&object, "%s %lld", deed->kind, (long long)deed->id);
	event.object = buf_span(&object);
	event.facts = span_of(deed->facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	return rc;
}
