#include "core/export/export.h"

#include <stdlib.h>

int
export_certificate_check(
    struct span certificate, int64_t now_ms, struct buf *out, struct err *err)
{
	(void)certificate, (void)now_ms, (void)out;
	return err_set(err, E_BUG);
}

int
export_check(struct store *store, const struct export_order *order,
    struct export_watch *watch, struct export_facts *out, struct err *err)
{
	struct db *db = NULL;

	if (person_reader_open(store, MAY_LIST_EXPORT, &db, err) < 0)
		return -1;
	out->people = contact_count(
	    db, order->list, NULL, watch ? watch->cancel : NULL, err);
	store_reader_close(&db);
	return out->people < 0 ? -1 : 0;
}

void
export_facts_done(struct export_facts *facts)
{
	free(facts->loss);
	*facts = (struct export_facts){.loss = NULL};
}

struct secret *
export_passphrase_make(void)
{
	return secret_new(20);
}

int
export_write(struct store *store, const struct export_order *order,
    int64_t request, const char *path, const struct secret *passphrase,
    struct export_watch *watch, struct export_made *out, struct err *err)
{
	(void)store, (void)order, (void)request, (void)path, (void)passphrase;
	(void)watch, (void)out;
	return err_set(err, E_BUG);
}

int
export_ask(struct store *store, const struct export_order *order,
    struct export_watch *watch, int64_t *id, struct err *err)
{
	(void)store, (void)order, (void)watch, (void)id;
	return err_set(err, E_BUG);
}

int
export_withdraw(struct store *store, int64_t id, struct err *err)
{
	(void)store, (void)id;
	return err_set(err, E_BUG);
}

int
export_find(struct db *db, int64_t id, int64_t now_ms,
    struct export_record *out, struct err *err)
{
	(void)db, (void)id, (void)now_ms, (void)out;
	return err_set(err, E_BUG);
}

int
export_all(struct db *db, int64_t now_ms, size_t room,
    struct export_record **out, size_t *count, struct err *err)
{
	(void)db, (void)now_ms, (void)room, (void)out, (void)count;
	return err_set(err, E_BUG);
}

int
export_order_read(
    struct store *store, int64_t id, struct export_order *out, struct err *err)
{
	(void)store, (void)id, (void)out;
	return err_set(err, E_BUG);
}

int
export_may(struct store *store, struct db *db, int64_t id, const char *login,
    uid_t uid, struct err *err)
{
	(void)store, (void)db, (void)id, (void)login, (void)uid;
	return err_set(err, E_BUG);
}

int
export_waiting(struct db *db, int64_t now_ms, struct export_record *out,
    size_t room, size_t *count, struct err *err)
{
	(void)db, (void)now_ms, (void)out, (void)room, (void)count;
	return err_set(err, E_BUG);
}

int
export_subject(struct store *store, struct db *db, int64_t id, struct buf *out,
    struct err *err)
{
	(void)store, (void)db, (void)id, (void)out;
	return err_set(err, E_BUG);
}

struct span
export_subject_line(struct span subject, const char *name)
{
	(void)subject, (void)name;
	return SPAN("");
}

void
export_statement(
    struct span subject, const struct export_signer *signer, struct buf *out)
{
	(void)signer;
	buf_add(out, subject);
}

int
export_take(struct store *store, const struct export_offer *offer,
    int64_t now_ms, struct err *err)
{
	(void)store, (void)offer, (void)now_ms;
	return err_set(err, E_BUG);
}

int
export_reject(struct store *store, const struct export_offer *offer,
    struct span reason, int64_t now_ms, struct err *err)
{
	(void)store, (void)offer, (void)reason, (void)now_ms;
	return err_set(err, E_BUG);
}
