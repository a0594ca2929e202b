/* The questions of the campaign's page that offer a choice. */
#ifndef TUI_SCREENS_CAMPAIGN_PICK_H
#define TUI_SCREENS_CAMPAIGN_PICK_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/span.h"
#include "tui/screen.h"

/* What is called with the answer: 1 for the first item, 0 for none. */
typedef void campaign_picked(
    struct screen *owner, int answer, struct span text);

/* Each asks with the present choice under the cursor. */
void campaign_pick_class(struct screen *owner, campaign_picked *done, int now);
void campaign_pick_circle(struct screen *owner, campaign_picked *done, int now);
void campaign_pick_charset(
    struct screen *owner, campaign_picked *done, int now);
void campaign_pick_encryption(
    struct screen *owner, campaign_picked *done, int now);
/* Whether only relays that offer REQUIRETLS may have it. */
void campaign_pick_confidence(
    struct screen *owner, campaign_picked *done, int now);

/* Says what is wrong with the times of a campaign; nothing when they are
 * right. */
void campaign_check_moment(struct span text, struct buf *why);

/* The first item is "nobody", behind it stand the names. */
void campaign_pick_identity(struct screen *owner, campaign_picked *done,
    const char *const *names, size_t count, int now);

#endif
