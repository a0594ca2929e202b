/* CM-07: characters that do not belong into mail, or are not seen everywhere. */
#ifndef CORE_REVIEW_CHARACTERS_H
#define CORE_REVIEW_CHARACTERS_H

#include "core/compose/compose.h"
#include "core/review/checklist.h"
#include "core/review/fresh.h"

/* Checks one message but for its parts: what must not be in its subject or in
 * the name (replacement characters, controls, private use, what turns the
 * direction of writing) is CM-07; that it leaves as UTF-8 though the campaign
 * wants ISO-2022-JP is CM-07W, with the character that made it so; so are
 * half-width kana and blanks that nobody sees in a name. */
void characters_check(enum campaign_charset wanted,
    const struct recipient *recipient, const struct message *message,
    struct tally *tally);

/* Checks what is new of a part of message seq (fresh NULL: all of it) for what
 * must not be in any; true when there is nothing wrong. */
bool characters_check_part(struct span part, const struct fresh *fresh,
    int64_t seq, struct tally *tally);

/* Checks what the author wrote for what some readers do not see (CM-07W):
 * half-width kana, signs of single makers, blanks of no width. */
void characters_check_source(
    const struct campaign *campaign, struct tally *tally);

#endif
