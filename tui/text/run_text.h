/* Relays, provider groups and events of a run in the reader's words. */
#ifndef TUI_TEXT_RUN_TEXT_H
#define TUI_TEXT_RUN_TEXT_H

#include "core/base/buf.h"
#include "core/deliver/deliver.h"
#include "tui/theme.h"

/* Adds how a relay or group is doing, with the time left when it comes back
 * by itself ("resting 4:12"). */
void part_state_text(
    const struct run_part *part, int64_t now_ms, struct buf *out);

/* The role it is shown in. */
enum role part_role(enum run_part_state state);

/* Adds one sentence about an event, without its time. */
void event_text(const struct run_event *event, struct buf *out);

/* ROLE_WARN or ROLE_ERR when it needs attention, else ROLE_TEXT. */
enum role event_role(enum run_event_kind kind);

/* Adds a reply time ("250 ms", "1.3 s"), nothing for -1. */
void reply_time_text(int ms, struct buf *out);

#endif
