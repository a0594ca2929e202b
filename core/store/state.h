/* What an open store holds; shared by the files of this folder. */
#ifndef CORE_STORE_STATE_H
#define CORE_STORE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/store/audit.h"
#include "core/store/db.h"
#include "core/store/keyring.h"
#include "core/store/turn.h"

struct store {
	char *dir;  /* resolved: no symbolic links */
	char *path; /* of the database */
	char *user;
	char *origin;
	struct clock *clock; /* borrowed */
	int lock;            /* descriptor of DIR/lock */
	struct db_place place;
	struct secret *master;
	struct secret *page_key;
	struct secret *key[STORE_KEY_COUNT];
	struct keyring keyring; /* as on disk; changed by who has the turn */
	struct turn turn;
	struct db *writer;                 /* of who has the turn */
	pthread_mutex_t mutex;             /* guards head */
	struct audit_head head;            /* last committed audit entry */
	atomic_uint_fast64_t stop_version; /* see store_stop_version() */
	atomic_uint_fast64_t people_version;
	atomic_uint group_roles; /* see store_admit() */
	bool is_fresh;           /* made in this sitting */
	uint64_t turns; /* write transactions begun; changed by their owner */
	atomic_llong granted_until[STEPUP_COUNT]; /* steady ms; 0: no grant */
	uint64_t
	    granted_turn[STEPUP_COUNT]; /* that has used one; its owner's */
};

#endif
