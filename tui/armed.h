/* The starts that wait for their time, while the program is there: looked at
 * once a second on whatever screen, locked or without a terminal. */
#ifndef TUI_ARMED_H
#define TUI_ARMED_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct session;

/* Reads when the next one is due; after the store was opened and whenever one
 * was armed or taken away. */
void armed_refresh(struct session *session);

/* True while one waits. */
bool armed_waits(const struct session *session);

/* Starts the one that is due, on a worker.  A run of its own is waited for. */
void armed_tick(struct app *app);

#endif
