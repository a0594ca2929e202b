/* The questions of the campaign's page that offer a choice. */
#ifndef TUI_SCREENS_CAMPAIGN_PICK_H
#define TUI_SCREENS_CAMPAIGN_PICK_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/span.h"
#include "tui/screen.h"
#include "tui/screens/campaign_work.h"

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

enum counts { COUNTS_HIDDEN, COUNTS_SHOWN };

/* "(nobody yet)" and the audiences by name, of whom they are and, where that is
 * counted and may be shown, how many may be mailed: count + 1 heap strings,
 * freed with audience_names_free(). */
char **audience_names(
    const struct audience_choice *choice, size_t count, enum counts counts);

/* Frees them; sets *names to NULL. */
void audience_names_free(char ***names, size_t count);

#endif
