/* Inside the encrypting VFS: the object that SQLite knows by name.  It is
 * found again through SQLite's own list, so nothing of ours is global. */
#ifndef CORE_STORE_SEAL_VFS_H
#define CORE_STORE_SEAL_VFS_H

#include <pthread.h>
#include <sqlite3.h>

struct seal;

struct seal_vfs {
	sqlite3_vfs vfs;
	sqlite3_vfs *base;     /* borrowed: lives as long as SQLite */
	pthread_mutex_t mutex; /* guards the list and each seal's users */
	struct seal *first;
};

/* Ours behind SQLite's pointer. */
static inline struct seal_vfs *
seal_vfs_of(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

/* A VFS over base that knows no file yet; lives until the process ends. */
struct seal_vfs *seal_vfs_new(sqlite3_vfs *base);

#endif
