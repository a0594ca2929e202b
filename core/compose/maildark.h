/* The style elements of a mail: the dark scheme and narrow screens. */
#ifndef CORE_COMPOSE_MAILDARK_H
#define CORE_COMPOSE_MAILDARK_H

#include "core/base/buf.h"
#include "core/compose/mailstyle.h"

/* Appends the rules of both style elements, without the tags around them. */
void maildark_add(const struct mailstyle *style, struct buf *out);

/* True when two colours differ in either scheme. */
bool maildark_differs(
    const struct mailstyle *style, enum style_key a, enum style_key b);

#endif
