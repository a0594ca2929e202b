/* The pins of a relay as the store keeps them: base64, one blank between. */
#ifndef CORE_HEALTH_PINS_H
#define CORE_HEALTH_PINS_H

#include "core/health/health.h"

/* Appends all pins of relay. */
void pins_write(const struct relay_config *relay, struct buf *out);

/* Fills the pins of out from stored text; what is none is left out. */
void pins_read(struct relay_config *out, struct span text);

#endif
