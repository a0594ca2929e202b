/* The keys of a store: everything derives from one master secret, and only
 * that is wrapped in the keyring.  Changing a passphrase wraps it anew. */
#include "core/store/keys.h"

#include <assert.h>

#include "core/base/utf8.h"
#include "core/store/person.h"

/* What HKDF is given for each sub-key; docs/store.md lists them.  A label that
 * was used is never changed. */
static const char *const labels[] = {
    [STORE_KEY_SUPPRESS] = "sekisho 1 suppress",
    [STORE_KEY_MESSAGE] = "sekisho 1 message",
    [STORE_KEY_TOKEN] = "sekisho 1 token",
    [STORE_KEY_SEAL] = "sekisho 1 seal",
    [STORE_KEY_AUDIT] = "sekisho 1 audit",
    [STORE_KEY_SIGN] = "sekisho 1 sign",
};
static_assert(
    sizeof labels / sizeof *labels == STORE_KEY_COUNT, "label every sub-key");
static const char page_label[] = "sekisho 1 page";

void
keys_derive(struct store *store)
{
	store->page_key = crypt_subkey(store->master, page_label);
	for (int i = 0; i < STORE_KEY_COUNT; i++)
		store->key[i] = crypt_subkey(store->master, labels[i]);
}

int
keys_check_passphrase(const struct secret *passphrase, struct err *err)
{
	if (utf8_count(secret_span(passphrase)) >= PASSPHRASE_MIN)
		return 0;
	err_set(err, E_PASSPHRASE_WEAK);
	return err_fact_int(err, "limit", PASSPHRASE_MIN);
}

int
keys_unlock(const char *dir, const struct keyring *keyring,
    const struct secret *passphrase, struct secret **master, int *slot,
    struct err *err)
{
	struct err cause = {0};
	struct buf path = BUF_INIT;

	if (keyring_unlock(keyring, passphrase, master, slot, &cause) == 0)
		return 0;
	if (cause.code == E_KEYRING_DAMAGED) {
		buf_printf(&path, "%s/keyring", dir);
		err_fact(&cause, "path", buf_span(&path));
		buf_done(&path);
	}
	if (err)
		*err = cause;
	return -1;
}

const struct secret *
store_key(const struct store *store, enum store_key which)
{
	return store->key[which];
}

int
store_raw_key(struct store *store, struct buf *out, struct err *err)
{
	struct audit_event event = {.what = "store.key"};
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(store, STORE_WAIT_LONG, "store.key", &db, err) < 0)
		return -1;
	if (person_require_settings(store, db, "store.key", err) == 0 &&
	    audit_add_in(store, db, &event, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	if (rc < 0)
		return -1;
	buf_reserve(out, 3 + 2 * (KEY_LEN + KEYRING_SALT));
	buf_text(out, "x'");
	crypt_hex(out, secret_span(store->page_key));
	crypt_hex(
	    out, span_make(store->keyring.salt, sizeof store->keyring.salt));
	buf_char(out, '\'');
	return 0;
}

int
store_passphrase_check(
    const char *dir, const struct secret *passphrase, struct err *err)
{
	struct keyring keyring;
	struct secret *master = NULL;
	int slot, rc;

	if (keyring_read(dir, &keyring, err) < 0)
		return -1;
	rc = keys_unlock(dir, &keyring, passphrase, &master, &slot, err);
	secret_free(&master);
	return rc;
}

/* Writes the keyring with its new slot and the log entry about it; the old
 * keyring comes back when the entry cannot be committed. */
static int
replace_keyring(struct store *store, struct keyring *fresh, struct err *err)
{
	struct audit_event event = {.what = "keyring.passphrase"};
	struct db *db = NULL;

	if (store_begin(store, STORE_WAIT_LONG, event.what, &db, err) < 0)
		return -1;
	if (audit_add_in(store, db, &event, err) < 0 ||
	    keyring_write(store->dir, fresh, store->master, err) < 0) {
		store_rollback(store, &db);
		return -1;
	}
	if (store_commit(store, &db, err) < 0) {
		keyring_write(store->dir, &store->keyring, store->master, NULL);
		return -1;
	}
	store->keyring = *fresh;
	return 0;
}

int
store_passphrase_change(struct store *store, const struct secret *old,
    const struct secret *fresh, struct err *err)
{
	struct keyring next = store->keyring;
	struct secret *master = NULL;
	struct slot_plan plan = {0};
	int slot = 0, rc = -1;

	if (keys_check_passphrase(fresh, err) < 0 ||
	    keys_unlock(store->dir, &next, old, &master, &slot, err) < 0)
		goto out;
	plan.kind = next.slot[slot].kind;
	plan.user = store->keyring.slot[slot].user;
	plan.log2_n = next.slot[slot].log2_n;
	plan.now_ms = clock_now_ms(store->clock);
	if (keyring_wrap(&next, slot, &plan, fresh, master, err) < 0 ||
	    replace_keyring(store, &next, err) < 0)
		goto out;
	/* Only now that the new one is known to open: the old file still
	 * opens with the old passphrase. */
	rc = store_passphrase_check(store->dir, fresh, err);
	if (rc == 0)
		keyring_forget_old(store->dir);
out:
	secret_free(&master);
	return rc;
}

bool
store_has_user(const char *dir, const char *user)
{
	struct keyring keyring;

	if (!*user || keyring_read(dir, &keyring, NULL) < 0)
		return false;
	for (int i = 0; i < KEYRING_SLOTS; i++) {
		if (keyring.slot[i].kind != SLOT_FREE &&
		    !strcmp(keyring.slot[i].user, user))
			return true;
	}
	return false;
}
