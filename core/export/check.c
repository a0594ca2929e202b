/* Looking before anything is written: everybody is read as for the file, into a
 * table that goes nowhere. */
#include <stdlib.h>

#include "core/export/about.h"
#include "core/export/columns.h"
#include "core/export/scope.h"

static int
look_at_people(struct store *store, const struct scope *scope,
    struct sheet *sheet, struct export_watch *watch, struct export_facts *out,
    struct err *err)
{
	const struct export_order *order = scope->order;
	bool renders = order->charset != EXPORT_UTF8;
	struct columns *columns = NULL;
	struct people *people = NULL;
	struct person_row person;
	int got = -1;

	if (columns_new(scope->db, order, &columns, err) < 0 ||
	    people_open(store, scope->db, order, scope->filter,
		renders ? order->parts : 0, watch, &people, err) < 0)
		goto out;
	columns_name(columns, sheet);
	/* the second row of the file is the remark */
	if (sheet_headers(sheet, err) < 0 ||
	    sheet_remark(sheet, SPAN(""), SPAN(""), err) < 0)
		goto out;
	while ((got = people_next(people, &person, err)) == 1) {
		out->stopped += person.stopped;
		if (!renders)
			continue;
		columns_put(columns, &person, sheet);
		if (sheet_row(sheet, SPAN(""), err) < 0) {
			got = -1;
			break;
		}
	}
out:
	people_close(&people);
	columns_free(&columns);
	return got < 0 ? -1 : 0;
}

static int
look_at_one(struct store *store, const struct scope *scope, struct sheet *sheet,
    struct err *err)
{
	about_name(sheet);
	if (sheet_headers(sheet, err) < 0 ||
	    sheet_remark(sheet, SPAN(""), SPAN(""), err) < 0)
		return -1;
	return about_write(store, scope->db, scope->order->contact, sheet,
		   SPAN(""), err) < 0
		   ? -1
		   : 0;
}

static int
find_need(struct store *store, const struct scope *scope,
    struct export_facts *out, struct err *err)
{
	struct export_policy policy;

	if (export_policy_read(scope->db, &policy, err) < 0 ||
	    scope_recent(store, scope->db, &out->recent, err) < 0)
		return -1;
	out->need = scope_need(&policy, out->people, out->recent);
	return 0;
}

int
export_check(struct store *store, const struct export_order *order,
    struct export_watch *watch, struct export_facts *out, struct err *err)
{
	struct scope scope = {.db = NULL};
	struct sheet *sheet = NULL;
	int rc = -1;

	export_facts_done(out);
	if (scope_open(store, order, watch, &scope, err) < 0)
		goto out;
	out->people = scope.people;
	if (find_need(store, &scope, out, err) < 0 ||
	    sheet_new(order->charset, NULL, &sheet, err) < 0)
		goto out;
	if (order->scope == EXPORT_PERSON)
		rc = look_at_one(store, &scope, sheet, err);
	else
		rc = look_at_people(store, &scope, sheet, watch, out, err);
	out->columns = sheet_columns(sheet);
	out->lost = sheet_lost(sheet);
	out->loss = sheet_losses(sheet, &out->losses);
out:
	sheet_free(&sheet);
	scope_done(&scope);
	return rc;
}

void
export_facts_done(struct export_facts *facts)
{
	free(facts->loss);
	*facts = (struct export_facts){.loss = NULL};
}
