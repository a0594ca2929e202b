/* The schema: numbered migrations, applied in order. */
#ifndef CORE_STORE_SCHEMA_H
#define CORE_STORE_SCHEMA_H

/* The migrations; entry n-1 brings the store to PRAGMA user_version n.
 * Static; *count is set to their number. */
const char *const *schema_migrations(int *count);

#endif
