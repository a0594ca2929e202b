/* What is wanted, and what policy says to it. */
#include <string.h>

#include "core/base/text.h"
#include "core/export/export.h"

static int
is_on(struct db *db, const char *name, bool *out, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = setting_read(db, name, &value, err);

	*out = span_equal(buf_span(&value), SPAN("on"));
	buf_done(&value);
	return rc;
}

int
export_policy_read(struct db *db, struct export_policy *out, struct err *err)
{
	*out =
	    (struct export_policy){.over = setting_int(db, "export.over", err),
		.minutes = setting_int(db, "export.minutes", err)};
	if (out->over < 0 || out->minutes < 0 ||
	    is_on(db, "export.allowed", &out->allowed, err) < 0 ||
	    is_on(db, "export.plain", &out->plain, err) < 0)
		return -1;
	return 0;
}

static void
put(struct buf *to, const struct buf *from)
{
	buf_clear(to);
	buf_add(to, buf_span(from));
}

void
export_order_copy(struct export_order *to, const struct export_order *from)
{
	put(&to->filter, &from->filter);
	put(&to->fields, &from->fields);
	put(&to->certificate, &from->certificate);
	put(&to->reason, &from->reason);
	to->scope = from->scope;
	to->list = from->list;
	to->segment = from->segment;
	to->contact = from->contact;
	to->parts = from->parts;
	to->charset = from->charset;
	to->lost = from->lost;
	to->seal = from->seal;
}

void
export_order_done(struct export_order *order)
{
	buf_wipe(&order->filter);
	buf_wipe(&order->reason);
	buf_done(&order->filter);
	buf_done(&order->fields);
	buf_done(&order->certificate);
	buf_done(&order->reason);
}

static int
refuse(const char *field, const char *why, struct err *err)
{
	err_set(err, E_EXPORT_FIELD);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

int
export_reason_check(struct span reason, struct err *err)
{
	struct err why = {.code = E_NONE};

	if (statement_words(reason, EXPORT_REASON_MIN, &why) < 0)
		return refuse("reason", err_find(&why, "why"), err);
	if (span_index(reason, '@') < reason.len)
		return refuse("reason", "address", err);
	return 0;
}
